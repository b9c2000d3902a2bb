import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = new URL('./', import.meta.url);
const lockfile = new URL('package-lock.json', bench);
// npm's own note of what it installed.
const installed = new URL('node_modules/.package-lock.json', bench);

/** Installs what we are measured against and what draws the charts, unless it is there as the lockfile says. */
export function installOpponents(say: (words: string) => void): void {
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  say('Installing the opponents into bench/node_modules');
  const { status } = spawnSync('npm', ['ci'], { cwd: fileURLToPath(bench), stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('npm ci in bench/ failed');
}

/** The version of a package that is installed for the benchmarks, or for the project. */
export function installedVersion(name: string): string {
  const places = [
    new URL(`node_modules/${name}/package.json`, bench),
    new URL(`../node_modules/${name}/package.json`, bench),
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
}

/** The installed versions of packages by their names. */
export function installedVersions(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, installedVersion(name)]));
}
