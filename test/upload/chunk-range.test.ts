import fastCheck from 'fast-check';
import { expect, test } from 'vitest';
import { chunkRange, countChunks } from '../../src/upload/chunk-range.ts';

test('chunks cover the content once, in order, and only the last is shorter', () => {
  const sizes = fastCheck.tuple(
    fastCheck.integer({ min: 100, max: 5_000 }),
    fastCheck.integer({ min: 1, max: 20_000 }),
  );
  fastCheck.assert(
    fastCheck.property(sizes, ([chunkSizeBytes, totalBytes]) => {
      let position = 0;
      const count = countChunks(chunkSizeBytes, totalBytes);
      for (let index = 1; index <= count; index += 1) {
        const { start, end } = chunkRange(index, chunkSizeBytes, totalBytes);
        expect(start).toBe(position);
        expect(end - start).toBe(index < count ? chunkSizeBytes : totalBytes - position);
        position = end;
      }
      expect(position).toBe(totalBytes);
    }),
  );
});

test('gives the ranges of a 10 GB upload', () => {
  expect(countChunks(5 * 2 ** 20, 10 ** 10)).toBe(1908);
  expect(chunkRange(1908, 5 * 2 ** 20, 10 ** 10)).toEqual({ start: 9_998_172_160, end: 10_000_000_000 });
});

test.each([
  [0, 10, 100],
  [11, 10, 100],
  [1.5, 10, 100],
  [1, 0, 100],
  [1, 10, 0],
  [1, Number.NaN, 100],
])('throws a RangeError for chunk %d of %d bytes in %d', (index, chunkSizeBytes, totalBytes) => {
  expect(() => chunkRange(index, chunkSizeBytes, totalBytes)).toThrow(RangeError);
});
