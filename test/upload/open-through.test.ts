import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { OpenedSource } from '../../src/upload/media-source.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { SourceError } from '../../src/upload/source-error.ts';
import { eventually } from '../setup/eventually.ts';

const bytes = Buffer.from('0123456789');
const all = { start: 0, end: bytes.length };
const never = new AbortController().signal;

async function* give(...pieces: Uint8Array[]) {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

const open = (opened: Partial<OpenedSource>, options: { timeoutMs?: number; expectedFingerprint?: string } = {}) =>
  openSource('gs://bucket/a talk.wav', {
    ...options,
    openers: {
      'gs:': () =>
        Promise.resolve({
          sizeBytes: 10,
          version: 'g7',
          read: ({ start, end }) => give(bytes.subarray(start, end)),
          ...opened,
        }),
    },
  });

test('what an opener gives is a source like others', async () => {
  const source = await open({ mediaType: 'audio/wav' });
  expect(source).toMatchObject({
    ...{ fileName: 'a talk.wav', sizeBytes: 10, fingerprint: 'gs-10-g7', declaredMediaType: 'audio/wav' },
    ...{ isPublic: false, readsRanges: true },
  });
  expect((await buffer(source.read({ start: 2, end: 5 }, never))).toString()).toBe('234');
  expect(() => source.read({ start: 0, end: 11 }, never)).toThrow(RangeError);
  await expect(open({}, { expectedFingerprint: 'gs-10-g6' })).rejects.toMatchObject({ kind: 'changed' });
});

test.each<[string, Partial<OpenedSource>, string, boolean]>([
  ['too few bytes', { read: () => give(bytes.subarray(1)) }, 'ended before all of its bytes had come', true],
  ['too many bytes', { read: () => give(bytes, bytes) }, 'more bytes came than were asked for', true],
  [
    'an error',
    {
      read: () => {
        throw new Error('token=canary hung up');
      },
    },
    'cannot be read now: token=[redacted] hung up',
    true,
  ],
  [
    'a refusal',
    {
      read: () => {
        throw new SourceError('changed', 'another generation');
      },
    },
    'another generation',
    false,
  ],
  [
    'silence',
    { read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }) },
    'nothing came for 0.05 s',
    true,
  ],
])('%s of an opener is an error of the source', async (_what, opened, words, retryable) => {
  const source = await open(opened, { timeoutMs: 50 });
  await expect(buffer(source.read(all, never))).rejects.toMatchObject({
    name: 'SourceError',
    retryable,
    message: expect.stringContaining(words) as string,
  });
});

test.each([
  [0, 'is empty'],
  [-1, 'does not tell its size'],
  [NaN, 'does not tell its size'],
  [1.5, 'does not tell its size'],
])('a size of %s is refused, and what was opened is closed', async (sizeBytes, words) => {
  let isClosed = false;
  const close = () => {
    isClosed = true;
    return Promise.resolve();
  };
  await expect(open({ sizeBytes, close })).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining(words) as string,
  });
  expect(isClosed).toBe(true);
});

test('an abort ends a read that its opener does not end, and tells it', async () => {
  const stop = new AbortController();
  let told: AbortSignal | undefined;
  const source = await open({
    read: (_range, signal) => {
      told = signal;
      stop.abort(new Error('enough'));
      return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    },
  });
  await expect(buffer(source.read(all, stop.signal))).rejects.toThrow();
  expect(told?.aborted).toBe(true);
});

test('a reader that stops in the middle ends the request', async () => {
  let told: AbortSignal | undefined;
  const source = await open({
    read: (_range, signal) => {
      told = signal;
      return give(...[...bytes].map((byte) => Buffer.of(byte)));
    },
  });
  for await (const piece of source.read(all, never)) {
    expect(piece).toHaveLength(1);
    break;
  }
  await eventually('the opener is told', () => told?.aborted);
});
