import { constants, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { assertRange, type ByteRange, type MediaSource } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { resolveWithinRoots } from './source-roots.ts';
import { redactUri } from './source-uri.ts';

const pieceBytes = 128 * 1024;

const reasons = new Map([
  ['ENOENT', 'does not exist on this machine; check the path, and that every worker that transfers files sees it'],
  ['ENOTDIR', 'does not exist on this machine; check the path, and that every worker that transfers files sees it'],
  ['EACCES', 'may not be read by this process; give it permission to read the file and to enter its folders'],
  ['EPERM', 'may not be read by this process; give it permission to read the file and to enter its folders'],
  ['ERR_INVALID_FILE_URL_HOST', 'names another host; give a path on this machine'],
  ['ERR_INVALID_FILE_URL_PATH', 'has an encoded slash in its path; write it as a plain one'],
  ['ERR_INVALID_ARG_VALUE', 'is not a path: it has a NUL character in it'],
]);

/** Opens the regular, non-empty file of a `file:` URI; throws a `SourceError` that says what is wrong with it. */
export async function openFileSource(uri: string, url: URL, roots?: readonly string[]): Promise<MediaSource> {
  try {
    const given = fileURLToPath(url);
    const path = roots === undefined ? given : await resolveWithinRoots(given, roots);
    if (path === null) throw outsideError(uri);
    // Looked at before it is opened, since opening a named pipe waits for its writer.
    assertMediaFile(uri, await stat(path, { bigint: true }));
    // With roots the path has no links left in it: one that is there now was put there after the check.
    const handle = await open(path, constants.O_RDONLY | (roots === undefined ? 0 : constants.O_NOFOLLOW));
    const stats = await handle.stat({ bigint: true });
    return createSource(uri, basename(given), handle, stats);
  } catch (error) {
    throw toSourceError(uri, error);
  }
}

function createSource(uri: string, fileName: string, handle: FileHandle, stats: BigIntStats): MediaSource {
  const sizeBytes = Number(stats.size);
  const fingerprint = fingerprintOf(stats);
  async function* readPieces({ start, end }: ByteRange): AsyncGenerator<Buffer> {
    try {
      for (let position = start; position < end;) {
        const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, end - position));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
        position += bytesRead;
        // Before the last piece goes out: a receiver that knows the length takes it for a complete body.
        if (bytesRead === 0 || position === end) await assertUnchanged(uri, handle, fingerprint);
        if (bytesRead === 0) throw changedError(uri);
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      throw toSourceError(uri, error);
    }
  }
  return {
    ...{ uri, fileName, sizeBytes, fingerprint, declaredMediaType: null, isPublic: false, readsRanges: true },
    read(range, signal) {
      assertRange(range, sizeBytes);
      return Readable.from(readPieces(range), { objectMode: false, highWaterMark: pieceBytes, signal });
    },
    close: () => handle.close(),
  };
}

function assertMediaFile(uri: string, stats: BigIntStats): void {
  const shown = redactUri(uri);
  if (stats.isDirectory()) throw new SourceError('refused', `${shown} is a directory; name a media file in it`);
  if (!stats.isFile()) throw new SourceError('refused', `${shown} is not a regular file; copy its content to one`);
  if (stats.size === 0n) throw new SourceError('refused', `${shown} is empty; wait until it is written, or replace it`);
}

// Not the inode, which is another one on each mount of a file system and for each copy.
function fingerprintOf(stats: BigIntStats): string {
  return ['file', stats.size, stats.mtimeNs].join('-');
}

async function assertUnchanged(uri: string, handle: FileHandle, fingerprint: string): Promise<void> {
  if (fingerprintOf(await handle.stat({ bigint: true })) !== fingerprint) throw changedError(uri);
}

function outsideError(uri: string): SourceError {
  return new SourceError(
    'refused',
    `${redactUri(uri)} is outside the directories that this worker may read; ` +
      'move it into one of PROVIDER_JOBS_SOURCE_ROOTS, or add its directory there',
  );
}

function changedError(uri: string): SourceError {
  return new SourceError(
    'changed',
    `${redactUri(uri)} was changed while it was being read; start a new job when its content is final`,
  );
}

function toSourceError(uri: string, error: unknown): unknown {
  if (error instanceof SourceError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const reason = reasons.get(code);
  if (code.startsWith('ERR_INVALID_')) return new SourceError('refused', `${redactUri(uri)} ${reason ?? `(${code})`}`);
  const message = `${redactUri(uri)} ${reason ?? `cannot be read (${code}); check the disk or the mount it is on`}`;
  return new SourceError('unreadable', message, { retryable: reason === undefined });
}
