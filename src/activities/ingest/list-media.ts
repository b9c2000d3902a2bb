import type { Dirent, Stats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMedia } from '../../upload/media-format.ts';
import { typeByName } from '../../upload/media-type.ts';
import { SourceError } from '../../upload/source-error.ts';
import { type FileVersion, isSameVersion } from './file-cache.ts';

/** A file that nobody seems to write any more. */
export interface SettledFile extends FileVersion {
  name: string;
  /** Whether it is media by its name; else the content is to tell. */
  isMediaByName: boolean;
  /** What stands for its content where that is known without reading it. */
  hash?: string | undefined;
}

/** What a directory is looked through for. */
export interface Wanted {
  directory: string;
  settleForMs: number;
  /** Endings in small letters whose files are media, whatever else is known of them. */
  endings: readonly string[];
}

/** What became of a file since it was listed. */
export type Since = 'as listed' | 'changed' | 'gone';

/** What a name tells of a file: why it is none that a pipeline is started for, or whether it is media for sure. */
export function judgeName(name: string, endings: readonly string[]): { why: string | null; isMediaByName: boolean } {
  const isNamed = endings.some((ending) => name.toLowerCase().endsWith(ending));
  const type = typeByName(name);
  const mayBeMedia = isNamed || type === null || isMedia(type);
  const why = unfinished.test(name) ? 'still being written, by its name' : mayBeMedia ? null : notMedia;
  return { why, isMediaByName: isNamed || type !== null };
}

/** Why a file is none that a pipeline is started for. */
export const notMedia = 'not audio or video, by its name or its content';

/** How files are looked at, so that a directory of any size costs little memory beside their names. */
const atOnce = 64;

const unfinished = /\.(part|partial|tmp|crdownload|download)$/i;

/** For how long nothing about a file has changed, in milliseconds. */
function restedMs({ mtimeMs, ctimeMs }: Stats, nowMs: number): number {
  // Copy tools set the time of the original while they write; when the entry changed, nobody can set. A time of the
  // original that lies in the future says nothing. File systems know fractions of a millisecond: an entry of just now
  // may be ahead of our clock.
  return Math.max(0, nowMs - (mtimeMs > nowMs ? ctimeMs : Math.max(mtimeMs, ctimeMs)));
}

function whyNot(found: Stats, settleForMs: number): string | null {
  if (!found.isFile()) return 'cannot be read';
  if (found.size === 0) return 'empty';
  return restedMs(found, Date.now()) < settleForMs ? 'still being written, by its times' : null;
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

function versionOf({ size, mtimeMs, ctimeMs }: Stats): FileVersion {
  return { sizeBytes: size, mtimeMs, ctimeMs };
}

/** The entries of a directory a few at a time, without dotfiles and folders. */
async function* entriesOf(directory: string): AsyncGenerator<Dirent[]> {
  let some: Dirent[] = [];
  try {
    for await (const entry of await opendir(directory, { bufferSize: 512 })) {
      if (entry.name.startsWith('.') || entry.isDirectory()) continue;
      if (some.push(entry) < atOnce) continue;
      yield some;
      some = [];
    }
  } catch (error) {
    throw new SourceError('unreadable', `cannot list ${directory} (${codeOf(error)}): this worker must see it`);
  }
  yield some;
}

/**
 * Lists what may be media in a directory, newest first; not what is below it, nor dotfiles, which are passed over
 * without a word. What a name tells costs no look at the file; one that is gone meanwhile counts for nothing.
 * @throws SourceError where the directory cannot be read.
 */
export async function listMedia(wanted: Wanted, skip: (path: string, why: string) => void): Promise<SettledFile[]> {
  const { directory, settleForMs, endings } = wanted;
  const files: SettledFile[] = [];
  const look = async (entry: Dirent) => {
    const { name } = entry;
    const path = join(directory, name);
    const { why: byName, isMediaByName } = judgeName(name, endings);
    // What a link leads to may be a folder, and some file systems do not say what an entry is.
    if (byName !== null && entry.isFile()) {
      skip(path, byName);
      return;
    }
    const found = await stat(path).catch(codeOf);
    if (typeof found === 'string') {
      // A name that is no UTF-8 comes with marks in place of what it is, and leads nowhere.
      if (name.includes('\uFFFD')) skip(path, 'its name is not UTF-8');
      else if (found !== 'ENOENT' || entry.isSymbolicLink()) skip(path, 'cannot be read');
      return;
    }
    if (found.isDirectory()) return;
    const why = byName ?? whyNot(found, settleForMs);
    if (why === null) files.push({ name, isMediaByName, ...versionOf(found) });
    else skip(path, why);
  };
  for await (const entries of entriesOf(directory)) await Promise.all(entries.map(look));
  // What a rename brought up twice lies side by side.
  return files.sort(inOrder).filter(({ name }, index) => name !== files[index - 1]?.name);
}

/** Newest first. */
export function inOrder(a: Pick<SettledFile, 'mtimeMs' | 'name'>, b: Pick<SettledFile, 'mtimeMs' | 'name'>): number {
  return b.mtimeMs - a.mtimeMs || (a.name < b.name ? -1 : Number(a.name > b.name));
}

/** Looks whether a file is still as it was listed. */
export async function lookAgain(path: string, listed: FileVersion): Promise<Since> {
  const found = await stat(path).catch(codeOf);
  if (typeof found === 'string') return found === 'ENOENT' ? 'gone' : 'changed';
  return isSameVersion(listed, versionOf(found)) ? 'as listed' : 'changed';
}
