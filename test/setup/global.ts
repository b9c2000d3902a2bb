import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { buildProgram } from './build-program.ts';
import { refuseCanariesInDatabase } from './canaries.ts';
import { namespaceCount } from './namespaces.ts';
import { findS3Program, type S3ProgramNote } from './s3-program.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    workflowBundlePath: string;
    /** The program as it is built, for Node to run. */
    builtProgram: string;
    /** The file that will hold a `S3ProgramNote`. */
    s3ProgramNotePath: string;
  }
}

/** One Temporal server and one build of the program for the whole suite; each file works in a namespace of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-test-'));
  const databaseFolder = join(folder, 'temporal');
  await mkdir(databaseFolder);
  const notePath = join(folder, 's3-program.json');
  // Where it has to be built, that goes on beside the tests; only those that need it wait.
  const noted = findS3Program((line) => {
    console.log(line);
  })
    .then(
      (path): S3ProgramNote => ({ path }),
      (error: unknown): S3ProgramNote => ({ why: String(error) }),
    )
    .then(async (note) => {
      await writeFile(`${notePath}.part`, JSON.stringify(note));
      await rename(`${notePath}.part`, notePath);
    });
  const [program, server] = await Promise.all([
    buildProgram(),
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
  project.provide('temporalAddress', server.address);
  project.provide('workflowBundlePath', program.workflowBundlePath);
  project.provide('builtProgram', program.path);
  project.provide('s3ProgramNotePath', notePath);
  return async () => {
    await server.close();
    await noted;
    // Everything that the whole run recorded: histories, heartbeats, failures, memos, search attributes.
    await refuseCanariesInDatabase(databaseFolder).catch((error: unknown) => {
      // What a teardown throws is printed, and fails nothing.
      process.exitCode = 1;
      throw error;
    });
    await Promise.all([rm(folder, { recursive: true, force: true }), program.remove()]);
  };
}
