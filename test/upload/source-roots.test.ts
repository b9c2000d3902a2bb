import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSource } from '../../src/upload/open-source.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provider-jobs-roots-'));
  for (const name of ['media', 'media/deep', 'media-private', 'elsewhere']) await mkdir(join(folder, name));
  for (const name of ['media/a.wav', 'media/deep/..b.wav', 'media-private/c.wav', 'elsewhere/d.wav'])
    await writeFile(join(folder, name), name);
  await symlink(join(folder, 'elsewhere/d.wav'), join(folder, 'media/to-file.wav'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'media/to-folder'));
  await symlink(join(folder, 'media/a.wav'), join(folder, 'media/within.wav'));
  await symlink(join(folder, 'media'), join(folder, 'linked'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function read(name: string, roots: string[]): Promise<string> {
  const uri = `${pathToFileURL(folder).href}/${name}`;
  const source = await openSource(uri, { roots: roots.map((root) => join(folder, root)) });
  try {
    return (await buffer(source.read({ start: 0, end: source.sizeBytes }, new AbortController().signal))).toString();
  } finally {
    await source.close();
  }
}

test.each([
  ['media/a.wav', ['media'], 'media/a.wav'],
  ['media/a.wav', ['elsewhere', 'media/'], 'media/a.wav'],
  ['media/a.wav', ['linked'], 'media/a.wav'],
  ['linked/a.wav', ['media'], 'media/a.wav'],
  ['linked/a.wav', ['linked'], 'media/a.wav'],
  ['media/within.wav', ['media'], 'media/a.wav'],
  ['media/deep/..b.wav', ['media'], 'media/deep/..b.wav'],
  ['media/to-file.wav', ['media', 'elsewhere'], 'elsewhere/d.wav'],
  ['media/to-file.wav', ['missing', 'elsewhere'], 'elsewhere/d.wav'],
])('reads %s within %j', async (name, roots, content) => {
  expect(await read(name, roots)).toBe(content);
});

test.each([
  ['elsewhere/d.wav', ['media']],
  ['media-private/c.wav', ['media']],
  ['media/../elsewhere/d.wav', ['media']],
  ['media/%2e%2e/elsewhere/d.wav', ['media']],
  ['media/to-file.wav', ['media']],
  ['media/to-folder/d.wav', ['media']],
  ['linked/to-folder/d.wav', ['media', 'linked']],
  ['elsewhere/there-is-none.wav', ['media']],
  ['media/a.wav', ['missing']],
  ['media/a.wav', []],
])('refuses %s outside of %j, whether it exists or not', async (name, roots) => {
  const reading = read(name, roots);
  await expect(reading).rejects.toMatchObject({ name: 'SourceError', kind: 'refused', retryable: false });
  await expect(reading).rejects.toThrow(/outside the directories .*PROVIDER_JOBS_SOURCE_ROOTS/);
});

test.each([
  ['media', 'media'],
  ['linked', 'linked'],
])('says of a file that is missing within %s that it is', async (name, root) => {
  await expect(read(`${name}/none.wav`, [root])).rejects.toMatchObject({
    ...{ kind: 'unreadable', message: expect.stringContaining('does not exist') as string },
  });
});
