import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * The path of a file with every symbolic link resolved, or `null` where that is outside all of `roots`; a file outside
 * gives `null` whether it exists or not. Throws the file system's error for a missing one within.
 */
export async function resolveWithinRoots(path: string, roots: readonly string[]): Promise<string | null> {
  const allowed = await Promise.all(roots.map((root) => realpath(root).catch(() => resolve(root))));
  try {
    const real = await realpath(path);
    return allowed.some((root) => isWithin(real, root)) ? real : null;
  } catch (error) {
    if ([...roots.map((root) => resolve(root)), ...allowed].some((root) => isWithin(path, root))) throw error;
    return null;
  }
}
