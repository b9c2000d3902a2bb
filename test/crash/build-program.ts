import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    builtProgram: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
// Below the package, where the build finds its libraries, and away from `dist`, which may be in use.
const folder = join(root, `node_modules/.cache/provider-jobs-crash-${String(process.pid)}`);

/** Builds the program once, so that the many workers of a run start in a second each. */
export default function buildProgram(project: TestProject): () => void {
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  // As in the package: the program reads its version there.
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  const dist = join(folder, 'dist');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  run(compiler, '-p', 'tsconfig.build.json', '--outDir', dist, '--noCheck', '--declaration', 'false');
  run(join(dist, 'dev/build-workflow-bundle.js'));
  project.provide('builtProgram', join(dist, 'cli/main.js'));
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}
