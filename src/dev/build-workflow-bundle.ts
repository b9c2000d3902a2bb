import { writeFile } from 'node:fs/promises';
import { DefaultLogger } from '@temporalio/worker';
import { bundleProviderJobsWorkflows } from '../worker/bundle-workflows.ts';
import { bundleFiles } from '../worker/workflow-bundle.ts';

async function build(file: string, encrypts: boolean): Promise<void> {
  const { code } = await bundleProviderJobsWorkflows({
    encrypts,
    logger: new DefaultLogger('WARN'),
    // Stack traces name files as they lie in the project, not where it was on the machine that built it.
    webpackConfigHook: (config) => ({
      ...config,
      output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
    }),
  });
  await writeFile(new URL(`../${file}`, import.meta.url), code);
}

// The last step of `npm run build`, run from `dist`: a worker that finds its bundle needs no bundler at start.
await build(bundleFiles.usual, false);
await build(bundleFiles.encodesFailures, true);
