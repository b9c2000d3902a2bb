import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, DefaultLogger } from '@temporalio/worker';
import { findFailureConverter } from '../encryption/data-converter.ts';
import { bundleFiles } from '../worker/workflow-bundle.ts';

async function build(file: string, options: Partial<BundleOptions>): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
    logger: new DefaultLogger('WARN'),
    // Stack traces name files as they lie in the project, not where it was on the machine that built it.
    webpackConfigHook: (config) => ({
      ...config,
      output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
    }),
    ...options,
  });
  await writeFile(new URL(`../${file}`, import.meta.url), code);
}

// The last step of `npm run build`, run from `dist`: a worker that finds its bundle needs no bundler at start.
await build(bundleFiles.usual, {});
await build(bundleFiles.encodesFailures, { failureConverterPath: findFailureConverter() });
