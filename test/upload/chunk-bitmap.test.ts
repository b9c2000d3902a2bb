import fastCheck from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkBitmap } from '../../src/upload/chunk-bitmap.ts';

const indexes = fastCheck.array(fastCheck.integer({ min: 1, max: 12_000 }), { maxLength: 200 });

function bitmapOf(numbers: Iterable<number>): ChunkBitmap {
  const bitmap = new ChunkBitmap();
  for (const index of numbers) bitmap.add(index);
  return bitmap;
}

function sorted(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}

describe('a chunk bitmap', () => {
  test('holds after decoding what was added before encoding', () => {
    fastCheck.assert(
      fastCheck.property(indexes, (numbers) => {
        const decoded = ChunkBitmap.decode(bitmapOf(numbers).encode());
        expect([...decoded]).toEqual(sorted(numbers));
        expect(decoded.count).toBe(new Set(numbers).size);
        expect(numbers.every((index) => decoded.has(index))).toBe(true);
      }),
    );
  });

  test('merges to the union of both', () => {
    fastCheck.assert(
      fastCheck.property(indexes, indexes, (one, other) => {
        expect([...bitmapOf(one).merge(bitmapOf(other))]).toEqual(sorted([...one, ...other]));
      }),
    );
  });

  test('encodes 12,000 chunks in less than 2 KB', () => {
    const all = bitmapOf(Array.from({ length: 12_000 }, (_, position) => position + 1));
    expect(all.encode().length).toBeLessThan(2048);
    expect(ChunkBitmap.decode(all.encode()).count).toBe(12_000);
  });

  test('encodes nothing as an empty text', () => {
    expect(new ChunkBitmap().encode()).toBe('');
    expect(ChunkBitmap.decode('').count).toBe(0);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 40])('refuses the index %d', (index) => {
    expect(() => new ChunkBitmap().add(index)).toThrow(RangeError);
  });

  test('refuses a text that it did not encode', () => {
    expect(() => ChunkBitmap.decode('[1,2]')).toThrow(RangeError);
  });
});
