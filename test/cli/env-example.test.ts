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
  ].join('\n');
}

// Written anew by `npx vitest run test/cli/env-example.test.ts -u`.
test('.env.example holds every setting with its description and default', async () => {
  await expect(exampleOf()).toMatchFileSnapshot(fileURLToPath(new URL('../../.env.example', import.meta.url)));
});
