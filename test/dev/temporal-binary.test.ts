import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findTemporalBinary, temporalCliVersion } from '../../src/dev/temporal-binary.ts';
import type { TemporalBinaryMaker } from '../../src/dev/temporal-binary-maker.ts';
import { fakeExecutable, scratchFolder } from './fake-executable.ts';

const everyWay = ['TEMPORAL_CLI_PATH', 'PATH', 'cache', 'download', 'go install'];

describe('findTemporalBinary', () => {
  test.each(everyWay.map((how, index) => ({ how, missing: everyWay.slice(0, index) })))(
    'takes $how when $missing give nothing',
    async ({ how, missing }) => {
      const folder = await scratchFolder();
      const there = (way: string) => !missing.includes(way);
      const cached = join(folder, 'cache', `temporal-${temporalCliVersion}`, 'temporal');
      const explicit = await fakeExecutable(join(folder, 'explicit', 'my-temporal'));
      await mkdir(join(folder, 'bin'));
      if (there('PATH')) await fakeExecutable(join(folder, 'bin', 'temporal'));
      if (there('cache')) await fakeExecutable(cached);

      const found = await findTemporalBinary(
        {
          env: { PATH: `/nowhere:${join(folder, 'bin')}` },
          temporalCliPath: there('TEMPORAL_CLI_PATH') ? explicit : undefined,
          cacheFolder: join(folder, 'cache'),
        },
        [maker('download', there('download')), maker('go install', there('go install'))],
      );

      const path = { TEMPORAL_CLI_PATH: explicit, PATH: join(folder, 'bin', 'temporal') }[how] ?? cached;
      expect(found).toEqual({ path, how });
    },
  );

  test('names every way and its reason when none leads to a binary', async () => {
    const folder = await scratchFolder();
    const search = findTemporalBinary({ env: { PATH: folder }, cacheFolder: folder }, [
      maker('download', false),
      maker('go install', false),
    ]);
    const text = await search.catch(String);
    for (const part of ['TEMPORAL_ADDRESS', ...everyWay, 'download is impossible', 'go install is impossible']) {
      expect(text).toContain(part);
    }
  });

  test('refuses a TEMPORAL_CLI_PATH that is not executable instead of looking elsewhere', async () => {
    const folder = await scratchFolder();
    await fakeExecutable(join(folder, 'temporal'));
    const temporalCliPath = join(folder, 'notes.txt');
    await writeFile(temporalCliPath, 'not a program');
    await expect(findTemporalBinary({ env: { PATH: folder }, temporalCliPath })).rejects.toThrow(
      `TEMPORAL_CLI_PATH is ${temporalCliPath}`,
    );
  });

  test('passes over a folder and a file on PATH that cannot be run', async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, 'first', 'temporal'), { recursive: true });
    await mkdir(join(folder, 'second'));
    await writeFile(join(folder, 'second', 'temporal'), 'not a program');
    const third = await fakeExecutable(join(folder, 'third', 'temporal'));
    const PATH = ['first', 'second', 'third'].map((name) => join(folder, name)).join(':');
    await expect(findTemporalBinary({ env: { PATH } })).resolves.toEqual({ path: third, how: 'PATH' });
  });
});

function maker(how: string, works: boolean): TemporalBinaryMaker {
  return {
    how,
    make: async ({ destination }) => {
      if (!works) throw new Error(`${how} is impossible`);
      await fakeExecutable(destination);
    },
  };
}
