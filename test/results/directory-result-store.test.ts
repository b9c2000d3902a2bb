import { createHash, randomBytes } from 'node:crypto';
import { promises } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import type { ArtifactContent, ReadableResultStore } from '../../src/results/result-store.ts';

const folder = 'provider-job/tiro/abc';
let directory: string;
let store: ReadableResultStore;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'result-store-')), 'results');
  store = createDirectoryResultStore(directory);
});

afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await rm(join(directory, '..'), { recursive: true });
});

async function filesWithin(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

const bytes = randomBytes(300_000);

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes.length; position += 70_000) {
    await Promise.resolve();
    yield bytes.subarray(position, position + 70_000);
  }
}

/** Lets directories be synced with an error of this code, and files as ever. */
function failDirectorySync(code: string): void {
  const open = promises.open.bind(promises);
  vi.spyOn(promises, 'open').mockImplementation(async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    if (flags === 'r') handle.sync = () => Promise.reject(Object.assign(new Error('no sync'), { code }));
    return handle;
  });
  syncBuiltinESMExports();
}

test.each(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EPERM', 'EACCES', 'EISDIR', 'EBADF'])(
  'stores results where the file system refuses to sync a directory (%s)',
  async (code) => {
    failDirectorySync(code);
    const { uri } = await store.write(folder, 'transcript.txt', 'text/plain', 'hello');
    expect(promises.open).toHaveBeenCalledWith(expect.anything(), 'r');
    expect(await readFile(fileURLToPath(uri), 'utf8')).toBe('hello');
  },
);

test.each(['EIO', 'ENOSPC'])('does not call stored what could not be synced (%s)', async (code) => {
  failDirectorySync(code);
  const writing = store.write(folder, 'transcript.txt', 'text/plain', 'hello');
  await expect(writing).rejects.toMatchObject({ name: 'ResultStoreError', code });
});

test.each<[string, () => ArtifactContent, Buffer]>([
  ['text', () => '안녕 {}', Buffer.from('안녕 {}')],
  ['nothing', () => '', Buffer.alloc(0)],
  ['bytes', () => bytes, bytes],
  ['a stream', () => Readable.from(pieces()), bytes],
  ['a stream of text', () => Readable.from(['a', 'ü']), Buffer.from('aü')],
  ['an iterable', pieces, bytes],
])('stores %s whole, with its size and hash', async (_what, content, expected) => {
  const artifact = await store.write(folder, 'transcript.json', 'application/json', content());
  expect(artifact).toEqual({
    ...{ name: 'transcript.json', mediaType: 'application/json', sizeBytes: expected.length },
    sha256: createHash('sha256').update(expected).digest('hex'),
    uri: expect.stringMatching(/^file:\/\/\/.*\/results\/provider-job\/tiro\/abc\/transcript\.json$/) as string,
  });
  expect(expected.equals(await readFile(fileURLToPath(artifact.uri)))).toBe(true);
  expect(await filesWithin()).toEqual(['transcript.json']);
});

test('gives the same artifact for the same content, and replaces other content', async () => {
  const first = await store.write(folder, 'a.txt', 'text/plain', 'one');
  expect(await store.write(folder, 'a.txt', 'text/plain', 'one')).toEqual(first);
  const second = await store.write(folder, 'a.txt', 'text/plain', 'two');
  expect(second.uri).toBe(first.uri);
  expect(await readFile(fileURLToPath(second.uri), 'utf8')).toBe('two');
});

test('lets many writers of one name each win or lose whole', async () => {
  const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000));
  const artifacts = await Promise.all(contents.map((content) => store.write(folder, 'a.txt', 'text/plain', content)));
  const [uri] = new Set(artifacts.map((artifact) => artifact.uri));
  expect(contents).toContain(await readFile(fileURLToPath(uri ?? ''), 'utf8'));
  expect(await filesWithin()).toEqual(['a.txt']);
});

test.each([
  ['../../escape', 'a.txt'],
  ['provider-job/tiro/..', '../../../escape.txt'],
  ['a\\..\\..', '..'],
  ['a\0b', '\0'],
  ['x'.repeat(1_000), 'y'.repeat(1_000)],
])('keeps %j, %j within its directory', async (given, name) => {
  const { uri } = await store.write(given, name, 'text/plain', 'content');
  expect(fileURLToPath(uri).startsWith(`${directory}/`)).toBe(true);
  expect(await readFile(fileURLToPath(uri), 'utf8')).toBe('content');
  expect(await readdir(join(directory, '..'))).toEqual(['results']);
});

test.each(['', '/etc', 'a//b', 'a/'])('refuses the folder %j', async (given) => {
  await expect(store.write(given, 'a.txt', 'text/plain', 'content')).rejects.toMatchObject({ code: 'INVALID_NAME' });
});

describe('a write that does not succeed', () => {
  test('leaves nothing behind when the content breaks off, and throws its error', async () => {
    await store.write(folder, 'a.txt', 'text/plain', 'old');
    const broken = Readable.from(
      (async function* () {
        yield* pieces();
        await Promise.reject(new Error('the connection was cut'));
      })(),
    );
    await expect(store.write(folder, 'a.txt', 'text/plain', broken)).rejects.toThrow('the connection was cut');
    expect(await filesWithin()).toEqual(['a.txt']);
    expect(await readFile(join(directory, folder, 'a.txt'), 'utf8')).toBe('old');
  });

  test('ends a stream that stalls when it is aborted, and leaves nothing behind', async () => {
    const abort = new AbortController();
    const stalled = new PassThrough();
    stalled.write('first');
    const writing = store.write(folder, 'a.txt', 'text/plain', stalled, abort.signal);
    writing.catch(() => undefined);
    await vi.waitFor(
      async () => {
        expect(await filesWithin()).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    abort.abort(new Error('cancelled'));
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await filesWithin()).toEqual([]);
    expect(stalled.destroyed).toBe(true);
  });

  test('says what to do when a file is where the directory should be', async () => {
    await writeFile(directory, 'not a directory');
    for (const attempt of [() => store.check(), () => store.write(folder, 'a.txt', 'text/plain', '')]) {
      const trying = attempt();
      await expect(trying).rejects.toMatchObject({ name: 'ResultStoreError' });
      await expect(trying).rejects.toThrow(/\((ENOTDIR|EEXIST)\).*choose another results directory/);
    }
  });

  test('says what to do when a directory has the name of the result', async () => {
    await mkdir(join(directory, folder, 'a.txt'), { recursive: true });
    const writing = store.write(folder, 'a.txt', 'text/plain', '');
    await expect(writing).rejects.toMatchObject({ name: 'ResultStoreError', code: 'EISDIR' });
    await expect(writing).rejects.toThrow('remove it');
    expect(await filesWithin()).toEqual([]);
  });
});

test('checks that it can be written to, makes its directory and leaves no probe', async () => {
  await store.check();
  expect(await filesWithin()).toEqual([]);
});

test('gives back what it holds, and says what that is', async () => {
  const stored = await store.write(folder, '.odd name?.txt', 'text/plain', 'words');
  await store.write(folder, 'a.txt', 'text/plain', '');
  await writeFile(join(directory, ...folder.split('/'), '.left.part'), 'by a crash');
  await mkdir(join(directory, ...folder.split('/'), 'deeper'));
  expect(await text(await store.read(stored.uri))).toBe('words');
  expect(await store.list(folder)).toEqual([
    { name: '.odd name?.txt', sizeBytes: 5, uri: stored.uri },
    { name: 'a.txt', sizeBytes: 0, uri: expect.stringMatching(/a\.txt$/) as string },
  ]);
  expect(await store.exists(folder, '.odd name?.txt')).toBe(true);
  expect(await store.exists(folder, 'b.txt')).toBe(false);
});

test('removes what a writer of long ago left behind, and nothing of one that may still write', async () => {
  const parent = join(directory, ...folder.split('/'));
  await mkdir(parent, { recursive: true });
  const [old, fresh] = ['.old.part', '.fresh.part'].map((name) => join(parent, name));
  for (const path of [old, fresh]) await writeFile(path ?? '', 'by a crash');
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  await utimes(old ?? '', twoDaysAgo, twoDaysAgo);
  await store.write(folder, 'a.txt', 'text/plain', 'words');
  expect((await readdir(parent)).sort()).toEqual(['.fresh.part', 'a.txt']);
});

test('has nothing in a folder that was never written to', async () => {
  expect(await store.list('provider-job/tiro/never')).toEqual([]);
  expect(await store.exists('provider-job/tiro/never', 'a.txt')).toBe(false);
});

test('finds what a worker wrote that has the directory at another place', async () => {
  await store.write(folder, 'a.txt', 'text/plain', 'words');
  const there = `file:///mnt/elsewhere/results/${folder}/a.txt`;
  expect(await text(await store.read(there))).toBe('words');
});

test.each([
  ['file:///mnt/elsewhere/etc/passwd', 'ENOENT', 'there is nothing of the kind in'],
  ['file:///etc/passwd', 'ENOENT', 'there is nothing of the kind in'],
  ['s3://bucket/a.txt', 'UNKNOWN_STORE', 'give the client the result store that wrote it'],
  ['no address', 'UNKNOWN_STORE', 'it is no file of this machine'],
])('reads nothing at %s', async (uri, code, words) => {
  const refused = store.read(uri);
  await expect(refused).rejects.toMatchObject({ name: 'ResultStoreError', code });
  await expect(refused).rejects.toThrow(words);
});
