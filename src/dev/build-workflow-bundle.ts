import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

// The last step of `npm run build`, run from `dist`: a worker that finds the bundle needs no bundler at start.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
  logger: new DefaultLogger('WARN'),
  // Stack traces name files as they lie in the project, not where it was on the machine that built it.
  webpackConfigHook: (config) => ({
    ...config,
    output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
  }),
});
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
