import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { headBytes } from '../../upload/media-type.ts';
import { listMedia, lookAgain, type SettledFile, type Since, type Wanted } from './list-media.ts';

/** A directory, or something like one, that an ingest looks through. */
export interface MediaPlace {
  /** Lists what may be media, newest first, and says of the rest why it is none. Throws a `SourceError` where it cannot. */
  list(
    wanted: Omit<Wanted, 'directory'>,
    skip: (path: string, why: string) => void,
    signal: AbortSignal,
  ): Promise<SettledFile[]>;
  /** How people call a file of it. */
  pathOf(name: string): string;
  /** A file as the source of a job. */
  sourceOf(name: string): string;
  /** The first `headBytes` of a file. */
  readHead(file: SettledFile, signal: AbortSignal): Promise<Uint8Array>;
  /** 32 hexadecimal characters that stand for the content of a file. */
  hash(file: SettledFile, signal: AbortSignal): Promise<string>;
  /** Whether an error says that a file is not there any more, or is another one by now. */
  isGone(error: unknown): boolean;
  lookAgain(file: SettledFile, signal: AbortSignal): Promise<Since>;
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

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex').slice(0, 32);
}

/** A directory of this machine. */
export function directoryPlace(directory: string): MediaPlace {
  const pathOf = (name: string) => join(directory, name);
  return {
    list: (wanted, skip) => listMedia({ directory, ...wanted }, skip),
    pathOf,
    sourceOf: (name) => pathToFileURL(pathOf(name)).href,
    readHead: ({ name }) => readHead(pathOf(name)),
    hash: ({ name }, signal) => hashFile(pathOf(name), signal),
    isGone: (error) => error instanceof Error && 'code' in error && error.code === 'ENOENT',
    lookAgain: (file) => lookAgain(pathOf(file.name), file),
  };
}
