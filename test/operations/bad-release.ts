import { cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { inject } from 'vitest';
import { bundleFiles } from '../../src/worker/workflow-bundle.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Builds a release of which the workflow code of Tiro's jobs is a file of `test/fixtures/bad-releases`; gives its program. */
export async function buildBadRelease(name: 'throws' | 'adds-a-step'): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path('../../src/workflows/index.ts'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: Object.assign({}, config.resolve?.alias, {
          [path('../../src/workflows/tiro-transcription.ts')]: path(`../fixtures/bad-releases/${name}.ts`),
        }),
      },
    }),
  });
  // Beside the good one, so that it finds its libraries; removed along with it.
  const good = dirname(dirname(inject('builtProgram')));
  const bad = `${good}-${name}`;
  await cp(good, bad, { recursive: true });
  await writeFile(join(bad, bundleFiles.usual), code);
  return join(bad, 'cli/main.js');
}
