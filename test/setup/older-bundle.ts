import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowCode } from '../../src/worker/workflow-bundle.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Workflow code as it was before `commit` learnt to hear of cancellations: today's, with the earlier file in its place. */
export async function bundleOlderWorkflows(): Promise<{ workflowBundle: { code: string } }> {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: path('../../src/workflows/index.ts'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: Object.assign({}, config.resolve?.alias, {
          [path('../../src/workflows/frame/commit.ts')]: path('../fixtures/older-workflows/commit.ts'),
        }),
      },
    }),
  });
  return { workflowBundle } satisfies WorkflowCode;
}
