import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import envPaths from 'env-paths';
import { moveIntoPlace } from '../../src/dev/temporal-move-into-place.ts';
import { startProgram } from '../../src/dev/temporal-program.ts';
import { waitReporting } from '../../src/dev/temporal-wait-reporting.ts';

const version = 'v1.8.0';
const name = 'versitygw';
const buildLimitMs = 10 * 60_000;

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function findOnPath(program: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    if (await isExecutable(join(folder, program))) return join(folder, program);
  }
  return null;
}

/** Finds a real S3 server on PATH or in the user's cache folder, or builds it there with Go, once; throws why it cannot. */
export async function findS3Program(onProgress: (line: string) => void): Promise<string> {
  const onPath = await findOnPath(name);
  if (onPath !== null) return onPath;
  const kept = join(envPaths('provider-jobs', { suffix: '' }).cache, `${name}-${version}`, name);
  if (await isExecutable(kept)) return kept;
  const goPath = await findOnPath('go');
  if (goPath === null) throw new Error(`there is no ${name} on PATH or at ${kept}, and no Go to build it with`);
  onProgress('Building an S3 server from source, about a minute, once.');
  await moveIntoPlace(kept, async (folder) => {
    const args = ['install', `github.com/versity/versitygw/cmd/${name}@${version}`];
    const build = startProgram({ path: goPath, args, env: { ...process.env, GOBIN: folder }, lastSignal: 'SIGINT' });
    await waitReporting(build, { what: 'Still building the S3 server', limitMs: buildLimitMs, onProgress });
    return join(folder, name);
  });
  return kept;
}

/** What a run's setup has found out for all of its test files. */
export type S3ProgramNote = { path: string } | { why: string };
