import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSettledFiles } from '../../../src/activities/ingest/files.ts';
import { openIngestHashes } from '../../../src/activities/ingest/hashes.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const signal = new AbortController().signal;

describe('the content hashes of a directory', () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-hashes-'));
    path = join(folder, 'talk.wav');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function hash(content: string, seconds: number): Promise<string> {
    await writeFile(path, content);
    await utimes(path, seconds, seconds);
    const { size, mtimeMs } = await stat(path);
    const hashes = await openIngestHashes(join(folder, 'cache'), folder);
    const result = await hashes.hashOf(path, { sizeBytes: size, mtimeMs }, signal);
    await hashes.save();
    return result;
  }

  it('are read once for each version of a file, told by size and time', async () => {
    expect(await hash('one', 1000)).toBe(sha256('one'));
    // Same size and time: the cache answers, so the new content is not even read.
    expect(await hash('two', 1000)).toBe(sha256('one'));
    expect(await hash('two', 2000)).toBe(sha256('two'));
    expect(await hash('three', 2000)).toBe(sha256('three'));
  });

  it('begin anew where the cache is spoilt, and leave no temporary file', async () => {
    const cache = join(folder, 'cache', 'ingest');
    const [file = ''] = await readdir(cache);
    await writeFile(join(cache, file), '{"broken');
    expect(await hash('four', 2000)).toBe(sha256('four'));
    expect(await readdir(cache)).toEqual([file]);
  });
});

describe('listSettledFiles', () => {
  it.each([
    ['left alone for longer', -60, 30_000, 1],
    ['changed since', -10, 30_000, 0],
    ['from the future whose entry has rested', 3600, 0, 1],
    ['from the future whose entry is new', 3600, 30_000, 0],
  ])('judges a file %s', async (_, ageSeconds, settleForMs, expected) => {
    const directory = await mkdtemp(join(tmpdir(), 'provider-jobs-settled-'));
    try {
      const path = join(directory, 'talk.mp3');
      await writeFile(path, 'x');
      const time = Date.now() / 1000 + ageSeconds;
      await utimes(path, time, time);
      const { files, skipped } = await listSettledFiles(directory, settleForMs);
      expect([files.length, skipped.length]).toEqual([expected, 1 - expected]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
