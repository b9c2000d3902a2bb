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
}

const cacheContent = z.record(z.string(), z.object({ sizeBytes: z.number(), mtimeMs: z.number(), sha256: z.string() }));

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
export interface IngestHashes {
  /** The hash of a file of this version, in hexadecimal. */
  hashOf(path: string, version: FileVersion, signal: AbortSignal): Promise<string>;
  /** Writes down what was asked for since the directory was opened, and forgets files that are gone. */
  save(): Promise<void>;
}

/** Opens the hashes of a directory; a cache that is missing or spoilt is begun anew. */
export async function openIngestHashes(cacheDirectory: string, directory: string): Promise<IngestHashes> {
  const folder = join(cacheDirectory, 'ingest');
  const path = join(folder, `${createHash('sha256').update(directory).digest('hex').slice(0, 32)}.json`);
  const known = await readKnown(path);
  const used: Known = {};
  return {
    async hashOf(file, { sizeBytes, mtimeMs }, signal) {
      const before = known[file];
      const isSame = before?.sizeBytes === sizeBytes && before.mtimeMs === mtimeMs;
      const sha256 = isSame ? before.sha256 : await hashFile(file, signal);
      used[file] = { sizeBytes, mtimeMs, sha256 };
      return sha256;
    },
    async save() {
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
