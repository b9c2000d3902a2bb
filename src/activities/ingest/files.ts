import type { Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SkippedFile } from '../../contract/ingest.ts';
import { isMedia } from '../../upload/media-format.ts';
import { findMediaType, headBytes } from '../../upload/media-type.ts';
import { SourceError } from '../../upload/source-error.ts';
import { type FileVersion, isSameVersion } from './hashes.ts';

/** A media file that nobody seems to write any more. */
export interface SettledFile extends FileVersion {
  path: string;
}

const unfinished = /\.(part|partial|tmp|crdownload|download)$/i;

/** For how long nothing about a file has changed, in milliseconds. */
function restedMs({ mtimeMs, ctimeMs }: Stats, nowMs: number): number {
  // Copy tools set the time of the original while they write; when the entry changed, nobody can set. A time of the
  // original that lies in the future says nothing. File systems know fractions of a millisecond: an entry of just now
  // may be ahead of our clock.
  return Math.max(0, nowMs - (mtimeMs > nowMs ? ctimeMs : Math.max(mtimeMs, ctimeMs)));
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function whyNot(path: string, name: string, found: Stats, settleForMs: number): Promise<string | null> {
  if (!found.isFile()) return 'cannot be read';
  if (unfinished.test(name)) return 'still being written, by its name';
  if (found.size === 0) return 'empty';
  if (restedMs(found, Date.now()) < settleForMs) return 'still being written, by its times';
  // What a job would take the file for; a name that says something is believed without a look at the content.
  const { mediaType } = await findMediaType({ name, readHead: () => readHead(path) }, () => true);
  return isMedia(mediaType) ? null : 'not audio or video, by its name or its content';
}

/**
 * Lists the media files of a directory, oldest first; not those below it, nor dotfiles, which are passed over without a word.
 * @throws SourceError where the directory cannot be read.
 */
export async function listSettledFiles(
  directory: string,
  settleForMs: number,
): Promise<{ files: SettledFile[]; skipped: SkippedFile[] }> {
  const files: SettledFile[] = [];
  const skipped: SkippedFile[] = [];
  const names = await readdir(directory).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SourceError('unreadable', `cannot list ${directory} (${code}): this worker must see the directory`);
  });
  for (const name of names.filter((each) => !each.startsWith('.')).sort()) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() === true) continue;
    const why =
      found === null ? 'cannot be read' : await whyNot(path, name, found, settleForMs).catch(() => 'cannot be read');
    if (why === null && found !== null) files.push({ path, ...versionOf(found) });
    else skipped.push({ path, why: why ?? 'cannot be read' });
  }
  return { files: files.sort((a, b) => a.mtimeMs - b.mtimeMs), skipped };
}

function versionOf({ size, mtimeMs, ctimeMs }: Stats): FileVersion {
  return { sizeBytes: size, mtimeMs, ctimeMs };
}

/** Whether a file is still as it was when it was listed. */
export async function isUnchanged({ path, ...listed }: SettledFile): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && isSameVersion(listed, versionOf(found));
}
