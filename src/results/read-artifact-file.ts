import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ResultStoreError } from './result-store-error.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there; it was removed, or it is on another machine',
  ENOTDIR: 'it is not there; it was removed, or it is on another machine',
  EACCES: 'this process may not read it',
};

/** The path that a `file:` URI names; throws a `ResultStoreError` for any other. */
export function toArtifactPath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    const words = `cannot read ${uri}: it is no file of this machine; give the client the result store that wrote it`;
    throw new ResultStoreError('UNKNOWN_STORE', words);
  }
}

/** Opens a file of results; throws a `ResultStoreError` that says why it cannot. */
export async function readArtifactFile(path: string): Promise<Readable> {
  try {
    return (await open(path)).createReadStream();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    throw new ResultStoreError(
      code,
      `cannot read ${path} (${code}): ${reasons[code] ?? 'check the disk or the mount'}`,
    );
  }
}
