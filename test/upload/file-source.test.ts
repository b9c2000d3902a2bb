import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import fastCheck from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSource } from '../../src/upload/open-source.ts';

const content = randomBytes(700_000);
const never = new AbortController().signal;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'file-source-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function makeFile(name: string, bytes: Buffer = content): Promise<{ path: string; uri: string }> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  // A time that can be set again exactly.
  await utimes(path, 1_700_000_000, 1_700_000_000);
  return { path, uri: pathToFileURL(path).href };
}

/** Puts another file in a file's place, with its times unless another is given. */
async function replace(path: string, bytes: Buffer, seconds?: number): Promise<void> {
  const { atime, mtime } = await stat(path);
  await writeFile(`${path}.new`, bytes);
  await utimes(`${path}.new`, seconds ?? atime, seconds ?? mtime);
  await rename(`${path}.new`, path);
}

test('tells name and size', async () => {
  const { uri } = await makeFile('a clip #1.mp4');
  const source = await openSource(uri);
  expect(source).toMatchObject({ uri, fileName: 'a clip #1.mp4', sizeBytes: content.length, isPublic: false });
  await source.close();
});

test('reads any range exactly, several at once', async () => {
  const source = await openSource((await makeFile('ranges.wav')).uri);
  const range = fastCheck
    .tuple(fastCheck.nat(content.length - 1), fastCheck.nat(content.length - 1))
    .map(([one, other]) => ({ start: Math.min(one, other), end: Math.max(one, other) + 1 }));
  await fastCheck.assert(
    fastCheck.asyncProperty(fastCheck.array(range, { minLength: 1, maxLength: 4 }), async (ranges) => {
      const read = await Promise.all(ranges.map((each) => buffer(source.read(each, never))));
      expect(
        read.every((bytes, index) => bytes.equals(content.subarray(ranges[index]?.start, ranges[index]?.end))),
      ).toBe(true);
    }),
    { numRuns: 40 },
  );
  await source.close();
});

test.each([
  { start: 0, end: 0 },
  { start: -1, end: 5 },
  { start: 5, end: content.length + 1 },
  { start: 0.5, end: 2 },
])('throws a RangeError for the range %j', async (range) => {
  const source = await openSource((await makeFile('bounds.wav')).uri);
  expect(() => source.read(range, never)).toThrow(RangeError);
  await source.close();
});

test.each([
  ['unreadable', 'missing.wav', /missing\.wav does not exist/],
  ['refused', '.', /is a directory/],
  ['refused', 'pipe.wav', /not a regular file/],
  ['refused', 'empty.wav', /is empty/],
  ['unreadable', 'empty.wav/under-a-file.wav', /does not exist/],
  ['refused', 'a%00b.wav', /NUL/],
  ['refused', 'a%2Fb.wav', /encoded slash/],
])('explains what is wrong: %s, %s', async (kind, name, message) => {
  await makeFile('empty.wav', Buffer.alloc(0));
  execFileSync('sh', ['-c', `test -p "$1" || mkfifo "$1"`, 'sh', join(directory, 'pipe.wav')]);
  const opening = openSource(`${pathToFileURL(directory).href}/${name}`);
  await expect(opening).rejects.toMatchObject({ name: 'SourceError', kind, retryable: false });
  await expect(opening).rejects.toThrow(message);
});

test.each<[string, (path: string) => Promise<void>]>([
  ['appended to', (path) => appendFile(path, 'x')],
  ['touched', (path) => utimes(path, 1, 1)],
  ['replaced by a file of another time', (path) => replace(path, content, 1)],
  ['replaced by a file of another size', (path) => replace(path, content.subarray(1))],
])('refuses a file that was %s since it was first looked at', async (_what, change) => {
  const { path, uri } = await makeFile('changing.wav');
  const source = await openSource(uri);
  await source.close();
  const again = await openSource(uri, { expectedFingerprint: source.fingerprint });
  expect(again.fingerprint).toBe(source.fingerprint);
  await again.close();
  await change(path);
  const opening = openSource(uri, { expectedFingerprint: source.fingerprint });
  await expect(opening).rejects.toMatchObject({ kind: 'changed', retryable: false });
});

test.each([
  ['a copy with the same size and time', (fingerprint: string) => fingerprint],
  ['what version 0.1 saw on another inode', (fingerprint: string) => `${fingerprint}-4711`],
])('takes %s for the same content', async (_what, recorded) => {
  const { path, uri } = await makeFile('copied.wav');
  const source = await openSource(uri);
  await source.close();
  const { ino } = await stat(path);
  await replace(path, content);
  expect((await stat(path)).ino).not.toBe(ino);
  const again = await openSource(uri, { expectedFingerprint: recorded(source.fingerprint) });
  expect((await buffer(again.read({ start: 0, end: content.length }, never))).equals(content)).toBe(true);
  await again.close();
});

test('tells a time before 1970 from a recorded inode', async () => {
  const { path, uri } = await makeFile('old.wav');
  await utimes(path, new Date(-5000), new Date(-5000));
  const source = await openSource(uri);
  expect(source.fingerprint).toBe(`file-${String(content.length)}--5000000000`);
  await source.close();
  await (await openSource(uri, { expectedFingerprint: source.fingerprint })).close();
  await (await openSource(uri, { expectedFingerprint: `${source.fingerprint}-12` })).close();
  const opening = openSource(uri, { expectedFingerprint: `file-${String(content.length)}--4000000000-12` });
  await expect(opening).rejects.toMatchObject({ kind: 'changed' });
});

test('errors before the last bytes when the file shrinks while it is read', async () => {
  const { path, uri } = await makeFile('shrinking.wav');
  const source = await openSource(uri);
  const stream = source.read({ start: 0, end: content.length }, never);
  const received: Buffer[] = [];
  const reading = (async () => {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      received.push(piece);
      if (received.length === 1) await truncate(path, 300_000);
    }
  })();
  await expect(reading).rejects.toMatchObject({ kind: 'changed' });
  expect(Buffer.concat(received).length).toBeLessThan(content.length);
  await source.close();
});

test('errors before the last bytes when the file is overwritten while it is read', async () => {
  const { path, uri } = await makeFile('overwritten.wav');
  const source = await openSource(uri);
  const stream = source.read({ start: 0, end: content.length }, never);
  await writeFile(path, randomBytes(content.length));
  await expect(buffer(stream)).rejects.toMatchObject({ kind: 'changed' });
  await source.close();
});

test('ends a read that is aborted with the abort and not as a fault of the source', async () => {
  const source = await openSource((await makeFile('aborted.wav')).uri);
  const abort = new AbortController();
  const stream = source.read({ start: 0, end: content.length }, abort.signal);
  abort.abort();
  await expect(buffer(stream)).rejects.toMatchObject({ name: 'AbortError' });
  await source.close();
});
