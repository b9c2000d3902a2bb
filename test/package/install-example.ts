import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const leftOut = ['.git', 'node_modules', 'dist', 'results', 'test'];
const isLeftOut = (path: string) => leftOut.includes(path) || path.endsWith('/node_modules');

async function copyWithoutOutput(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: (path) => !isLeftOut(relative(root, path)) });
}

/**
 * Builds and packs a copy of this checkout, and installs the tarball in a copy of `examples/own-parent` beside it, with
 * the commands of its README. Gives the example's directory.
 */
export async function installExample(folder: string): Promise<string> {
  const checkout = join(folder, 'checkout');
  await copyWithoutOutput(root, checkout);
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: checkout });
  const example = join(folder, 'examples', 'own-parent');
  await mkdir(join(folder, 'examples'));
  await copyWithoutOutput(join(root, 'examples', 'own-parent'), example);
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: example });
  return example;
}

/** Copies another example beside an installed one, of which it takes the packages. Gives its directory. */
export async function copyExample(name: string, installed: string): Promise<string> {
  const example = join(dirname(installed), name);
  await copyWithoutOutput(join(root, 'examples', name), example);
  await symlink(join(installed, 'node_modules'), join(example, 'node_modules'));
  return example;
}

/** The files of the installed package, without those of its own dependencies. */
export async function listInstalledFiles(example: string): Promise<string[]> {
  const installed = join(example, 'node_modules', 'provider-jobs');
  const entries = await readdir(installed, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => relative(installed, path)).filter((path) => !path.startsWith('node_modules/'));
}
