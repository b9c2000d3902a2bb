import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Below the package, where the build finds its libraries, and away from `dist`, which may be in use.
const folder = join(root, `node_modules/.cache/provider-jobs-test-${String(process.pid)}`);

/** The program as it is built: it starts in half the time that its sources take, its workers in a fraction. */
export interface BuiltProgram {
  /** What Node runs. */
  path: string;
  workflowBundlePath: string;
  remove(): Promise<void>;
}

/** Builds the program once for a whole run. */
export async function buildProgram(): Promise<BuiltProgram> {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: root });
  // As in the package: the program reads its version there, and the demo its media.
  await mkdir(folder, { recursive: true });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await cp(join(root, 'examples/media'), join(folder, 'examples/media'), { recursive: true });
  const dist = join(folder, 'dist');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await run(compiler, '-p', 'tsconfig.build.json', '--outDir', dist, '--noCheck', '--declaration', 'false');
  await run(join(dist, 'dev/build-workflow-bundle.js'));
  return {
    path: join(dist, 'cli/main.js'),
    workflowBundlePath: join(dist, 'workflow-bundle.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
