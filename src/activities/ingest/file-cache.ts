import { createHash, randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

/** What tells versions of a file apart without reading it. */
export interface FileVersion {
  sizeBytes: number;
  mtimeMs: number;
  /** Moves also where a writer keeps the other time. */
  ctimeMs: number;
  /** Of an object, where its store has one. */
  etag?: string | undefined;
}

/** Whether nothing but the name differs. */
export function isSameVersion(one: FileVersion, other: FileVersion): boolean {
  return wordsOf(one) === wordsOf(other);
}

const wordsOf = ({ sizeBytes, mtimeMs, ctimeMs, etag }: FileVersion) =>
  [sizeBytes, mtimeMs, ctimeMs, ...(etag === undefined ? [] : [etag])].join(' ');

/** What the content of a file was found to be. */
export interface Content {
  /** Whether it is media by its content; null where the name was enough. */
  isMedia: boolean | null;
  /** The first 32 hexadecimal characters of its SHA-256; null where it was not read whole. */
  hash: string | null;
}

const writtenAs = ({ isMedia, hash }: Content) => `${isMedia === null ? '?' : isMedia ? '+' : '-'}${hash ?? ''}`;
const readAs = (written: string): Content => {
  return { isMedia: written.startsWith('?') ? null : written.startsWith('+'), hash: written.slice(1) || null };
};

const mostUnsaved = 100;
const slowToReadBytes = 1_000_000;
const mostUnneeded = 1000;

/** What version 0.2 wrote: one object by path. */
const oldContent = z.record(
  z.string(),
  z.object({ sizeBytes: z.number(), mtimeMs: z.number(), ctimeMs: z.number(), sha256: z.string() }),
);

const lineOf = (name: string, known: string) => `${known}\t${JSON.stringify(name)}\n`;

async function readOld(path: string): Promise<Map<string, string>> {
  try {
    const old = Object.entries(oldContent.parse(JSON.parse(await readFile(path, 'utf8'))));
    return new Map(old.map(([file, known]) => [basename(file), `${wordsOf(known)} ?${known.sha256.slice(0, 32)}`]));
  } catch {
    return new Map();
  }
}

/** The contents of one directory's files as they were found, so that each version of a file is read once. */
export class FileCache {
  readonly #path: string;
  // By name the version and its content in one text, which is small; the file holds the same, a line for each change.
  readonly #known = new Map<string, string>();
  #lines = 0;
  #unsaved = '';
  #unsavedFiles = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Opens the cache of a directory; what is spoilt of it is found out anew. */
  static async open(cacheDirectory: string, directory: string): Promise<FileCache> {
    const stem = join(cacheDirectory, 'ingest', createHash('sha256').update(directory).digest('hex').slice(0, 32));
    const cache = new FileCache(`${stem}.lines`);
    await cache.#read();
    if (cache.#lines === 0) for (const [name, known] of await readOld(`${stem}.json`)) cache.#keep(name, known);
    return cache;
  }

  /** What a file of this version holds; null where that was not found out yet. */
  find(name: string, version: FileVersion): Content | null {
    const known = this.#known.get(name);
    const words = `${wordsOf(version)} `;
    return known?.startsWith(words) === true ? readAs(known.slice(words.length)) : null;
  }

  /** Keeps what a file holds, from time to time on disk: at once where it took long to find out. */
  async keep(name: string, version: FileVersion, content: Content): Promise<void> {
    this.#keep(name, `${wordsOf(version)} ${writtenAs(content)}`);
    if (this.#unsavedFiles >= mostUnsaved || version.sizeBytes >= slowToReadBytes) await this.save();
  }

  /** Adds to the file what is new. */
  async save(): Promise<void> {
    const [lines, count] = [this.#unsaved, this.#unsavedFiles];
    if (count === 0) return;
    [this.#unsaved, this.#unsavedFiles] = ['', 0];
    await mkdir(dirname(this.#path), { recursive: true });
    await appendFile(this.#path, lines);
    this.#lines += count;
  }

  /** Forgets files that are gone, and older lines of the others, once they are the most of it. */
  async forgetOthers(files: readonly { name: string }[]): Promise<void> {
    if (this.#lines <= 2 * files.length + mostUnneeded) return;
    const names = new Set(files.map(({ name }) => name));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    const temporaryPath = join(dirname(this.#path), `.${randomUUID()}.part`);
    try {
      await writeFile(temporaryPath, [...this.#known].map(([name, known]) => lineOf(name, known)).join(''));
      await rename(temporaryPath, this.#path);
      this.#lines = this.#known.size;
    } finally {
      await rm(temporaryPath, { force: true });
    }
  }

  #keep(name: string, known: string): void {
    this.#known.set(name, known);
    this.#unsaved += lineOf(name, known);
    this.#unsavedFiles += 1;
  }

  async #read(): Promise<void> {
    try {
      for await (const line of (await open(this.#path)).readLines()) {
        const [known = '', name = ''] = line.split('\t');
        this.#lines += 1;
        try {
          this.#known.set(JSON.parse(name) as string, known);
        } catch {
          // What a crash has cut off.
        }
      }
    } catch {
      this.#known.clear();
    }
  }
}
