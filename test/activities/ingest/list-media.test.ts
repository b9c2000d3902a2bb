import { mkdir, mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listMedia, lookAgain } from '../../../src/activities/ingest/list-media.ts';
import { eventually } from '../../setup/eventually.ts';

describe('listMedia', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'provider-jobs-settled-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const put = async (name: string, content: string, ageSeconds = 3600) => {
    const path = join(directory, name);
    await writeFile(path, content);
    const time = Date.now() / 1000 - ageSeconds;
    await utimes(path, time, time);
    return path;
  };
  const list = async (settleForMs: number, endings: string[] = []) => {
    const left: Record<string, string> = {};
    const files = await listMedia({ directory, settleForMs, endings }, (skipped, why) => {
      left[basename(skipped)] = why;
    });
    return { files, taken: files.map(({ name }) => name), left };
  };

  it.each([
    ['with the time of an older original', 86_400],
    ['with a time in the future', -86_400],
  ])('leaves a file %s alone until it has rested, and then takes it', async (_, ageSeconds) => {
    await put('talk.mp3', 'x', ageSeconds);
    expect(await list(3_600_000)).toMatchObject({
      taken: [],
      left: { 'talk.mp3': 'still being written, by its times' },
    });
    await eventually('it has rested', async () => (await list(300)).taken.length === 1);
  });

  it.each(['.wav', '.bin', ''])('names a file whose name is not UTF-8, ending in "%s"', async (ending) => {
    const name = Buffer.concat([Buffer.from(`${directory}/caf`), Buffer.from([0xe9]), Buffer.from(ending)]);
    await writeFile(name, 'x');
    const { taken, left } = await list(0);
    expect(taken).toEqual([]);
    expect(left).toEqual({ [`caf\uFFFD${ending}`]: 'its name is not UTF-8' });
  });

  it('tells media by the name; where that says nothing, the content is to tell', async () => {
    const media = ['a.m4b', 'b.opus', 'c.amr', 'd.3gp', 'e.MP3', 'f.aac', 'g.mkv', 'h.wma'];
    const unknown = ['k.ts', 'l.mts', 'm.bin', 'notes.txt', 'README', 'cam.dav'];
    const none = ['list.m3u', 'data.json', 'photo.png'];
    for (const name of [...media, ...unknown, ...none]) await put(name, 'x');
    const { files, left } = await list(0);
    const byName = files.filter(({ isMediaByName }) => isMediaByName).map(({ name }) => name);
    expect(byName.sort()).toEqual(media);
    expect(files.map(({ name }) => name).sort()).toEqual([...media, ...unknown].sort());
    expect(left).toEqual(Object.fromEntries(none.map((name) => [name, expect.stringContaining('not audio or video')])));
  });

  it('takes endings for media that it is told, in any case', async () => {
    for (const name of ['a.DAT', 'b.json', 'c.dat.part']) await put(name, 'x');
    const { files, left } = await list(0, ['.dat', '.json']);
    expect(files.map(({ name, isMediaByName }) => [name, isMediaByName]).sort()).toEqual([
      ['a.DAT', true],
      ['b.json', true],
    ]);
    expect(left).toEqual({ 'c.dat.part': 'still being written, by its name' });
  });

  it('lists the newest first', async () => {
    for (const [name, age] of Object.entries({ 'a.wav': 300, 'b.wav': 100, 'c.wav': 200, 'd.wav': 100 })) {
      await writeFile(join(directory, name), 'x');
      await utimes(join(directory, name), 1_700_000_000 - age, 1_700_000_000 - age);
    }
    expect((await list(0)).taken).toEqual(['b.wav', 'd.wav', 'c.wav', 'a.wav']);
  });

  it('passes over folders, links to them and dotfiles, and names links that lead nowhere', async () => {
    await mkdir(join(directory, 'folder.wav'));
    await symlink(join(directory, 'folder.wav'), join(directory, 'link.json'));
    await symlink(join(directory, 'none'), join(directory, 'broken.wav'));
    await put('.hidden.wav', 'x');
    await put('empty.wav', '');
    expect(await list(0)).toMatchObject({ taken: [], left: { 'broken.wav': 'cannot be read', 'empty.wav': 'empty' } });
  });

  it('is no error where files come, go and change their names meanwhile, and lists none twice', async () => {
    for (let index = 0; index < 400; index += 1) await writeFile(join(directory, `${String(index)}.wav`), 'x');
    let isOver = false;
    const stir = async () => {
      for (let round = 0; !isOver; round += 1) {
        const [at, to] = [join(directory, `${String(round % 400)}.wav`), join(directory, `moved ${String(round)}.wav`)];
        await rename(at, to);
        await rename(to, at);
        await writeFile(join(directory, 'gone.wav'), 'x');
        await rm(join(directory, 'gone.wav'));
      }
    };
    const stirring = stir();
    for (let round = 0; round < 10; round += 1) {
      const { taken, left } = await list(0);
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length).toBeGreaterThanOrEqual(398);
      expect(Object.values(left).filter((why) => why !== 'empty')).toEqual([]);
    }
    isOver = true;
    await stirring;
  });

  it('takes a file for changed where anything but its name is another, and for gone', async () => {
    const path = await put('talk.mp3', 'x');
    const [file] = (await list(0)).files;
    if (file === undefined) throw new Error('it is listed');
    expect(await lookAgain(path, file)).toBe('as listed');
    const { ctimeMs } = await stat(path);
    await eventually('its entry has changed', async () => {
      await put('talk.mp3', 'y');
      await utimes(path, file.mtimeMs / 1000, file.mtimeMs / 1000);
      return (await stat(path)).ctimeMs > ctimeMs;
    });
    expect(await lookAgain(path, file)).toBe('changed');
    await rm(path);
    expect(await lookAgain(path, file)).toBe('gone');
  });
});
