import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { allSettings } from '../../src/config/settings.ts';

function exampleOf(): string {
  const variables = Object.entries(allSettings()).map(
    ([name, { description, default: fallback }]) => `# ${description}\n# ${name}=${fallback ?? ''}\n`,
  );
  return [
    '# Copy this file to .env and set what you need; what is commented out has the value that is shown, or none.\n',
    ...variables,
    "# Where Temporal is; all of Temporal's own variables work\n# TEMPORAL_ADDRESS=127.0.0.1:7233\n# TEMPORAL_NAMESPACE=default\n",
    '# For s3: sources and results; all variables of AWS tools work, and so do their profiles and roles\n# AWS_ACCESS_KEY_ID=\n# AWS_SECRET_ACCESS_KEY=\n# AWS_PROFILE=\n# AWS_REGION=us-east-1\n# AWS_ENDPOINT_URL_S3=\n',
  ].join('\n');
}

// Written anew by `npx vitest run test/cli/env-example.test.ts -u`.
test('.env.example holds every setting with its description and default', async () => {
  await expect(exampleOf()).toMatchFileSnapshot(fileURLToPath(new URL('../../.env.example', import.meta.url)));
});
