import { createHash, randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { readArtifactFile, toArtifactPath } from './read-artifact-file.ts';
import { fromPathSegment, toPathSegment } from './path-segment.ts';
import { ResultStoreError } from './result-store-error.ts';
import {
  type ArtifactContent,
  type StoredArtifact,
  type StoredFile,
  toReadable,
  type WalkableResultStore,
} from './result-store.ts';

const adviceByCode = new Map([
  ['ENOSPC', 'the disk is full; free some space or choose another results directory'],
  ['EDQUOT', 'the disk quota is used up; free some space or choose another results directory'],
  ['EACCES', 'this process may not write there; give it permission or choose another results directory'],
  ['EPERM', 'this process may not write there; give it permission or choose another results directory'],
  ['EROFS', 'the file system is read-only; choose another results directory'],
  ['ENOTDIR', 'a part of the path is a file; remove it or choose another results directory'],
  ['EEXIST', 'a part of the path is a file; remove it or choose another results directory'],
  ['EISDIR', 'a directory has the name of the result; remove it'],
  ['EMFILE', 'too many files are open; raise the limit of open files'],
  ['ENAMETOOLONG', 'the path is too long; choose a results directory with a shorter one'],
]);

/** A result store in a directory, which is made when it is first needed. Its artifacts have `file:` URIs. */
export function createDirectoryResultStore(directory: string): WalkableResultStore {
  const root = resolve(directory);
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  const pathOf = (folder: string) => join(root, ...folder.split('/').map(toPathSegment));
  return {
    async write(folder, name, mediaType, content, signal) {
      const parent = pathOf(folder);
      const path = join(parent, toPathSegment(name));
      const written = await writeAtomically(parent, path, content, signal);
      return { name, mediaType, ...written, uri: pathToFileURL(path).href };
    },
    async check() {
      const probe = join(root, toPathSegment(`probe-${randomUUID()}`));
      await writeAtomically(root, probe, 'probe', undefined);
      await guard(root, () => rm(probe));
    },
    async exists(folder, name) {
      const path = join(pathOf(folder), toPathSegment(name));
      const found = await stat(path).catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw new ResultStoreError(code, `cannot look for ${path} (${code}): check the disk or the mount`);
      });
      return found !== null;
    },
    async read(uri) {
      const path = toArtifactPath(uri);
      if (!relative(root, path).startsWith('..')) return readArtifactFile(path);
      // The worker that wrote it may have the directory at another place: what is below it is the same.
      const segments = path.split(sep);
      for (const at of segments.keys()) {
        const here = join(root, ...segments.slice(at + 1));
        if (here !== root && (await exists(here))) return readArtifactFile(here);
      }
      throw new ResultStoreError('ENOENT', `cannot read ${path}: there is nothing of the kind in ${root}`);
    },
    list: (folder) => listFiles(pathOf(folder)),
    async *walk(folder) {
      const parent = pathOf(folder);
      const folders = (await entriesOf(parent)).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
      const names = folders.map(({ name }) => name).sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1));
      for (const name of names) yield { name, list: () => listFiles(join(parent, name)) };
    },
  };
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  return readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    if (code === 'ENOENT') return [];
    throw new ResultStoreError(code, `cannot list ${directory} (${code}): check the disk or the mount`);
  });
}

async function listFiles(directory: string): Promise<StoredFile[]> {
  const files = (await entriesOf(directory)).filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  const found = files.map(async ({ name }): Promise<StoredFile> => {
    const path = join(directory, name);
    const { size: sizeBytes } = await stat(path);
    return { name: fromPathSegment(name) ?? name, sizeBytes, uri: pathToFileURL(path).href };
  });
  return (await Promise.all(found)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const part = '.part';
const leftForMs = 24 * 3_600_000;

/** Removes what writers of long ago left behind when they were killed. */
async function removeLeftParts(parent: string): Promise<void> {
  for (const { name } of await entriesOf(parent).catch(() => [])) {
    if (!name.startsWith('.') || !name.endsWith(part)) continue;
    const path = join(parent, name);
    const left = await stat(path).catch(() => null);
    if (left !== null && Date.now() - left.mtimeMs > leftForMs) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function writeAtomically(
  parent: string,
  path: string,
  content: ArtifactContent,
  signal: AbortSignal | undefined,
): Promise<Pick<StoredArtifact, 'sizeBytes' | 'sha256'>> {
  signal?.throwIfAborted();
  await guard(path, () => mkdir(parent, { recursive: true }));
  await removeLeftParts(parent);
  // No artifact's name begins with a dot, so what a crash leaves behind is never taken for a result.
  const temporaryPath = join(parent, `.${randomUUID()}${part}`);
  try {
    const handle = await guard(path, () => open(temporaryPath, 'wx'));
    const written = await writeContent(path, handle, content, signal).finally(() => handle.close());
    await guard(path, () => rename(temporaryPath, path));
    await guard(path, () => syncDirectory(parent));
    return written;
  } catch (error) {
    await rm(temporaryPath, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeContent(
  path: string,
  handle: FileHandle,
  content: ArtifactContent,
  signal: AbortSignal | undefined,
): Promise<Pick<StoredArtifact, 'sizeBytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const drain = async (pieces: AsyncIterable<string | Uint8Array>): Promise<void> => {
    for await (const piece of pieces) {
      const bytes = Buffer.from(piece);
      hash.update(bytes);
      sizeBytes += bytes.length;
      await guard(path, () => handle.appendFile(bytes));
    }
  };
  await pipeline(toReadable(content), drain, signal === undefined ? {} : { signal });
  await guard(path, () => handle.sync());
  return { sizeBytes, sha256: hash.digest('hex') };
}

// Network mounts and file systems in user space may have no sync of a directory, or no right to open one.
const syncRefusals = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'ENOTTY',
  'EPERM',
  'EACCES',
  'EISDIR',
  'EBADF',
]);

/** Makes a rename last through a power cut, where the file system lets us; the file is whole either way. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && syncRefusals.has(String(error.code)))) throw error;
  }
}

async function guard<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    const advice = adviceByCode.get(code) ?? 'check the disk or the mount, or choose another results directory';
    throw new ResultStoreError(code, `cannot write ${path} (${code}): ${advice}`);
  }
}
