import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { refuseCanariesInDatabase } from './canaries.ts';
import { namespaceCount } from './namespaces.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    workflowBundlePath: string;
  }
}

/** One Temporal server and one workflow bundle for the whole suite; each file works in a namespace of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-test-'));
  const databaseFolder = join(folder, 'temporal');
  await mkdir(databaseFolder);
  const codePath = join(folder, 'workflow-bundle.js');
  const workflowsPath = new URL('../../src/workflows/index.ts', import.meta.url).pathname;
  const [{ code }, server] = await Promise.all([
    bundleWorkflowCode({ workflowsPath }),
    startTemporalServer({
      env: process.env,
      temporalCliPath: process.env['TEMPORAL_CLI_PATH'],
      ui: false,
      dbFilename: join(databaseFolder, 'temporal.db'),
      extraNamespaces: Array.from({ length: namespaceCount }, (_, index) => `test-${String(index)}`),
      onProgress: (line) => {
        console.log(line);
      },
    }),
  ]);
  await writeFile(codePath, code);
  project.provide('temporalAddress', server.address);
  project.provide('workflowBundlePath', codePath);
  return async () => {
    await server.close();
    // Everything that the whole run recorded: histories, heartbeats, failures, memos, search attributes.
    await refuseCanariesInDatabase(databaseFolder).catch((error: unknown) => {
      // What a teardown throws is printed, and fails nothing.
      process.exitCode = 1;
      throw error;
    });
    await rm(folder, { recursive: true, force: true });
  };
}
