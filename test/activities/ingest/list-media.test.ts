import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isUnchanged, listSettledFiles } from '../../../src/activities/ingest/files.ts';
import { type FileVersion, openIngestHashes } from '../../../src/activities/ingest/hashes.ts';
import { eventually } from '../../setup/eventually.ts';
import { samples } from '../../setup/media.ts';

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

describe('the hash of a file whose time was kept', () => {
  it('is read again where its entry has changed, and taken over from version 0.1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-hashes-'));
    const path = join(folder, 'talk.wav');
    const hash = async (content: string, version: FileVersion) => {
      await writeFile(path, content);
      const hashes = await openIngestHashes(join(folder, 'cache'), folder);
      const knew = hashes.knows(path, version);
      const result = await hashes.hashOf(path, version, signal);
      await hashes.save();
      return [knew, result];
    };
    const version = { sizeBytes: 3, mtimeMs: 1000 };
    expect(await hash('one', version)).toEqual([false, sha256('one')]);
    expect(await hash('two', { ...version, ctimeMs: 7 })).toEqual([true, sha256('one')]);
    expect(await hash('two', { ...version, ctimeMs: 8 })).toEqual([false, sha256('two')]);
    await rm(folder, { recursive: true });
  });
});

describe('listSettledFiles', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'provider-jobs-settled-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const put = async (name: string, content: Uint8Array | string, ageSeconds = 3600) => {
    const path = join(directory, name);
    await writeFile(path, content);
    const time = Date.now() / 1000 - ageSeconds;
    await utimes(path, time, time);
    return path;
  };
  const list = async (settleForMs: number) => {
    const { files, skipped } = await listSettledFiles(directory, settleForMs);
    return { taken: files.map(({ path }) => basename(path)), left: skipped.map(({ why }) => why) };
  };

  it.each([
    ['with the time of an older original', 86_400],
    ['with a time in the future', -86_400],
  ])('leaves a file %s alone until it has rested, and then takes it', async (_, ageSeconds) => {
    await put('talk.mp3', 'x', ageSeconds);
    expect(await list(3_600_000)).toEqual({ taken: [], left: ['still being written, by its times'] });
    await eventually('it has rested', async () => (await list(300)).taken.length === 1);
  });

  it('tells media by the name, and where that says nothing by the content', async () => {
    const media = ['a.m4b', 'b.opus', 'c.amr', 'd.3gp', 'e.MP3', 'f.aac', 'g.mkv', 'h.wma'];
    for (const name of media) await put(name, 'x');
    for (const [name, make] of Object.entries(samples)) await put(`recording ${name}`, make());
    for (const name of ['k.ts', 'l.mts']) await put(name, samples.ts());
    await put('m.bin', samples.mp3());
    const none = ['index.ts', 'index.mts', 'notes.txt', 'list.m3u', 'data.json', 'README', 'photo.png', 'cam.dav'];
    for (const name of none) await put(name, 'export const a = 1;');
    const { taken, left } = await list(0);
    expect(taken.sort()).toEqual(
      [...media, ...Object.keys(samples).map((name) => `recording ${name}`), 'k.ts', 'l.mts', 'm.bin'].sort(),
    );
    expect(left).toEqual(none.map(() => 'not audio or video, by its name or its content'));
  });

  it('takes a file for changed where anything but its name is another', async () => {
    const path = await put('talk.mp3', 'x');
    const [file] = (await listSettledFiles(directory, 0)).files;
    if (file === undefined) throw new Error('it is listed');
    expect(await isUnchanged(file)).toBe(true);
    const { ctimeMs } = await stat(path);
    await eventually('its entry has changed', async () => {
      await put('talk.mp3', 'y');
      await utimes(path, file.mtimeMs / 1000, file.mtimeMs / 1000);
      return (await stat(path)).ctimeMs > ctimeMs;
    });
    expect(await isUnchanged(file)).toBe(false);
  });
});
