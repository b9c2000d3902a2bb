import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** What tells versions of a file apart without reading it. */
export interface FileVersion {
  sizeBytes: number;
  mtimeMs: number;
  /** Moves also where a writer keeps the other time; absent in what version 0.1 wrote down. */
  ctimeMs?: number | undefined;
}

/** Whether nothing that is known of both differs. */
export function isSameVersion(one: FileVersion, other: FileVersion): boolean {
  const sameEntry = one.ctimeMs === undefined || other.ctimeMs === undefined || one.ctimeMs === other.ctimeMs;
  return one.sizeBytes === other.sizeBytes && one.mtimeMs === other.mtimeMs && sameEntry;
}

const cacheContent = z.record(
  z.string(),
  z.object({ sizeBytes: z.number(), mtimeMs: z.number(), ctimeMs: z.number().optional(), sha256: z.string() }),
);

type Known = z.infer<typeof cacheContent>;

async function readKnown(path: string): Promise<Known> {
  try {
    return cacheContent.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}

/** The SHA-256 of a file's content, in hexadecimal. */
async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

/** The content hashes of one directory's files, so that each version of a file is read once. */
export type IngestHashes = Awaited<ReturnType<typeof openIngestHashes>>;

/** Opens the hashes of a directory; a cache that is missing or spoilt is begun anew. */
export async function openIngestHashes(cacheDirectory: string, directory: string) {
  const folder = join(cacheDirectory, 'ingest');
  const path = join(folder, `${createHash('sha256').update(directory).digest('hex').slice(0, 32)}.json`);
  const known = await readKnown(path);
  const used: Known = {};
  const find = (file: string, version: FileVersion) => {
    const before = known[file];
    return before !== undefined && isSameVersion(before, version) ? before : null;
  };
  return {
    /** Whether this version of a file was read before. */
    knows: (file: string, version: FileVersion) => find(file, version) !== null,
    /** The hash of a file of this version, in hexadecimal. */
    async hashOf(file: string, version: FileVersion, signal: AbortSignal): Promise<string> {
      const { sizeBytes, mtimeMs, ctimeMs } = version;
      const sha256 = find(file, version)?.sha256 ?? (await hashFile(file, signal));
      used[file] = { sizeBytes, mtimeMs, ctimeMs, sha256 };
      return sha256;
    },
    /** Writes down what was asked for since the directory was opened, and forgets files that are gone. */
    async save(): Promise<void> {
      const temporaryPath = join(folder, `.${randomUUID()}.part`);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(temporaryPath, JSON.stringify(used));
        await rename(temporaryPath, path);
      } finally {
        await rm(temporaryPath, { force: true });
      }
    },
  };
}
