import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { parseBlob } from 'music-metadata';
import type { MediaSource } from './media-source.ts';

const timeLimitMs = 15_000;
// The parser goes through what is held without ever letting go of the event loop, in bad files byte by byte.
const mostAtOnceMs = 5;
const mostBusyMs = 5000;
const readAheadBytes = 256 * 1024;
// More than the largest index of a four-hour recording; a damaged container may ask for all of the file at once.
const largestReadBytes = 32 * 1024 * 1024;

/**
 * The playing time in seconds from the container's own headers, of which only the needed ranges are read; null where
 * they do not tell it, cannot be understood, or take longer than 15 s, 5 s of them at work. Throws only the reason of an aborted `signal`.
 */
export async function readDurationSeconds(
  source: MediaSource,
  mediaType: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const limit = AbortSignal.timeout(timeLimitMs);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    const isLocal = source.uri.startsWith('file:');
    // Some MP3 files tell their duration only to who reads them to the end, which over a network costs too much.
    const metadata = await parseBlob(asBlob(source, mediaType, stop), { duration: isLocal, skipCovers: true });
    const { duration } = metadata.format;
    return duration !== undefined && Number.isFinite(duration) && duration > 0 ? duration : null;
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/** A source as the parser wants it: a Blob, of which it uses only `size`, `type`, and slices' `arrayBuffer()`. */
function asBlob(source: MediaSource, mediaType: string, signal: AbortSignal): Blob {
  let held = { start: 0, bytes: Buffer.alloc(0) };
  let busySinceMs = performance.now();
  let busyMs = 0;
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    const sinceMs = performance.now() - busySinceMs;
    if (sinceMs > mostAtOnceMs) {
      busyMs += sinceMs;
      if (busyMs > mostBusyMs) throw new RangeError('the container asks for too much work');
      await setImmediate();
      busySinceMs = performance.now();
    }
    signal.throwIfAborted();
    if (end - start > largestReadBytes) throw new RangeError('the container asks for too much at once');
    if (start < held.start || end > held.start + held.bytes.length) {
      const readTo = Math.min(Math.max(end, start + readAheadBytes), source.sizeBytes);
      held = { start, bytes: await buffer(source.read({ start, end: readTo }, signal)) };
      busySinceMs = performance.now();
    }
    return new Uint8Array(held.bytes.subarray(start - held.start, end - held.start)).buffer;
  };
  const slice = (start: number, end: number): Pick<Blob, 'arrayBuffer'> => ({ arrayBuffer: () => read(start, end) });
  return Object.defineProperties(new Blob([], { type: mediaType }), {
    size: { value: source.sizeBytes },
    slice: { value: slice },
  });
}
