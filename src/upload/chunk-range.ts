import type { ByteRange } from './media-source.ts';

/** The number of chunks of `chunkSizeBytes` that `totalBytes` make, the last one shorter where it does not fit. */
export function countChunks(chunkSizeBytes: number, totalBytes: number): number {
  for (const [name, value] of Object.entries({ chunkSizeBytes, totalBytes })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${String(value)}, not a whole number above 0`);
  }
  return Math.ceil(totalBytes / chunkSizeBytes);
}

/** The bytes of one chunk; indexes begin at 1. Throws a `RangeError` for an index that the content does not have. */
export function chunkRange(index: number, chunkSizeBytes: number, totalBytes: number): ByteRange {
  const count = countChunks(chunkSizeBytes, totalBytes);
  if (!Number.isSafeInteger(index) || index < 1 || index > count) {
    throw new RangeError(`there is no chunk ${String(index)} among ${String(count)}`);
  }
  return { start: (index - 1) * chunkSizeBytes, end: Math.min(index * chunkSizeBytes, totalBytes) };
}
