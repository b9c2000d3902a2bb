import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lookup } from 'mime-types';
import type { SkippedFile } from '../../contract/ingest.ts';
import { SourceError } from '../../upload/source-error.ts';
import type { FileVersion } from './hashes.ts';

/** A media file that nobody seems to write any more. */
export interface SettledFile extends FileVersion {
  path: string;
}

const unfinished = /\.(part|partial|tmp|crdownload|download)$/i;

/** Whether a file goes by the name of audio or video. */
function isMedia(name: string): boolean {
  return /^(audio|video)\//.test(lookup(name) || '');
}

/** For how long nothing about a file has changed, in milliseconds. */
function restedMs(file: { mtimeMs: number; ctimeMs: number }, nowMs: number): number {
  // A file may come with a time in the future; when its entry last changed is then the better witness.
  // File systems know fractions of a millisecond: an entry of just now may be ahead of our clock.
  return Math.max(0, nowMs - (file.mtimeMs > nowMs ? file.ctimeMs : file.mtimeMs));
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
      found?.isFile() !== true
        ? 'cannot be read'
        : unfinished.test(name)
          ? 'still being written, by its name'
          : !isMedia(name)
            ? 'not audio or video, by its name'
            : found.size === 0
              ? 'empty'
              : restedMs(found, Date.now()) < settleForMs
                ? 'still being written, by its times'
                : null;
    if (why === null && found !== null) files.push({ path, sizeBytes: found.size, mtimeMs: found.mtimeMs });
    else skipped.push({ path, why: why ?? 'cannot be read' });
  }
  return { files: files.sort((a, b) => a.mtimeMs - b.mtimeMs), skipped };
}

/** Whether a file is still as it was when it was listed. */
export async function isUnchanged({ path, sizeBytes, mtimeMs }: SettledFile): Promise<boolean> {
  const now = await stat(path).catch(() => null);
  return now?.size === sizeBytes && now.mtimeMs === mtimeMs;
}
