import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileCache } from '../../../src/activities/ingest/file-cache.ts';

const version = { sizeBytes: 3, mtimeMs: 1000.5, ctimeMs: 7 };
const sha256 = createHash('sha256').update('one').digest('hex');
const one = { isMedia: null, hash: sha256.slice(0, 32) };
const noMedia = { isMedia: false, hash: null };

describe('what a directory’s files hold', () => {
  let folder: string;
  const open = () => FileCache.open(folder, '/media');
  const fileOf = async () => {
    const [name = ''] = await readdir(join(folder, 'ingest'));
    return join(folder, 'ingest', name);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-cache-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is kept for each version of a file, told by size and times, and no media are kept too', async () => {
    const cache = await open();
    await cache.keep('talk\t1.wav', version, one);
    await cache.keep('notes', version, noMedia);
    await cache.save();
    const again = await open();
    expect(again.find('talk\t1.wav', version)).toEqual(one);
    expect(again.find('notes', version)).toEqual(noMedia);
    for (const other of [{ sizeBytes: 4 }, { mtimeMs: 1000 }, { ctimeMs: 8 }]) {
      expect(again.find('talk\t1.wav', { ...version, ...other })).toBeNull();
    }
    expect(again.find('other.wav', version)).toBeNull();
  });

  it('is written a hundred files at a time, and at once where it took long to find out', async () => {
    const cache = await open();
    const lines = async () => (await readFile(await fileOf(), 'utf8')).split('\n').length - 1;
    for (let index = 0; index < 99; index += 1) await cache.keep(String(index), version, one);
    expect(await readdir(folder)).toEqual([]);
    await cache.keep('99', version, one);
    expect(await lines()).toBe(100);
    await cache.keep('long.mp4', { ...version, sizeBytes: 2_000_000 }, one);
    expect(await lines()).toBe(101);
  });

  it('is found out anew where a crash has cut it off or it is spoilt', async () => {
    const cache = await open();
    await cache.keep('a', version, one);
    await cache.save();
    await appendFile(await fileOf(), `3 1000.5 7 ?${one.hash}\t"b`);
    const cut = await open();
    expect([cut.find('a', version), cut.find('b', version)]).toEqual([one, null]);
    await cut.keep('b', version, one);
    await cut.save();
    await cut.keep('b', version, one);
    await cut.save();
    expect((await open()).find('b', version)).toEqual(one);
    await writeFile(await fileOf(), Buffer.alloc(100, 255));
    expect((await open()).find('a', version)).toBeNull();
  });

  it('is taken over from what version 0.2 kept', async () => {
    const name = `${createHash('sha256').update('/media').digest('hex').slice(0, 32)}.json`;
    await mkdir(join(folder, 'ingest'));
    await writeFile(join(folder, 'ingest', name), JSON.stringify({ '/media/talk.wav': { ...version, sha256 } }));
    const cache = await open();
    expect(cache.find('talk.wav', version)).toEqual(one);
    await cache.save();
    await rm(join(folder, 'ingest', name));
    expect((await open()).find('talk.wav', version)).toEqual(one);
  });

  it('is no longer than twice what is there', async () => {
    const cache = await open();
    for (let index = 0; index < 3000; index += 1) await cache.keep('talk.wav', { ...version, ctimeMs: index }, one);
    await cache.keep('gone.wav', version, one);
    await cache.save();
    await cache.forgetOthers([{ name: 'talk.wav' }]);
    expect((await stat(await fileOf())).size).toBeLessThan(100);
    const again = await open();
    expect(again.find('talk.wav', { ...version, ctimeMs: 2999 })).toEqual(one);
    expect(again.find('gone.wav', version)).toBeNull();
    expect(await readdir(join(folder, 'ingest'))).toHaveLength(1);
  });
});
