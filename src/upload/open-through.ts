import { Readable } from 'node:stream';
import { redact } from '../http/redact.ts';
import { assertRange, type ByteRange, type MediaSource, type SourceOpener } from './media-source.ts';
import { SourceError } from './source-error.ts';
import { redactUri } from './source-uri.ts';

// Like those of https sources.
const defaultTimeoutMs = 30_000;

function toOutage(uri: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof SourceError || signal?.aborted === true) return error;
  const words = redact(error instanceof Error ? error.message : String(error));
  return new SourceError('unreadable', `${redactUri(uri)} cannot be read now: ${words}`, { retryable: true });
}

/** Opens a source through its opener, and holds that to its word: the right number of bytes, and never a silence. */
export async function openThrough(
  open: SourceOpener,
  uri: string,
  options: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined } = {},
): Promise<MediaSource> {
  const { signal = new AbortController().signal, timeoutMs = defaultTimeoutMs } = options;
  const shown = redactUri(uri);
  const opened = await open(uri, { signal }).catch((error: unknown) => {
    throw toOutage(uri, error, signal);
  });
  const { sizeBytes, version, mediaType: declaredMediaType = null } = opened;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) {
    await opened.close?.();
    const fault = sizeBytes === 0 ? 'is empty; wait until it is written, or replace it' : 'does not tell its size';
    throw new SourceError('refused', `${shown} ${fault}`);
  }
  const scheme = uri.slice(0, uri.indexOf(':')).toLowerCase();

  async function* readPieces({ start, end }: ByteRange, readSignal: AbortSignal): AsyncGenerator<Uint8Array> {
    const quiet = new AbortController();
    const either = AbortSignal.any([readSignal, quiet.signal]);
    let position = start;
    try {
      const pieces = opened.read({ start, end }, either)[Symbol.asyncIterator]();
      for (;;) {
        const next = await nextPiece(pieces, timeoutMs, either, quiet);
        if (next.done === true) break;
        position += next.value.length;
        if (position > end) throw new Error('more bytes came than were asked for');
        yield next.value;
      }
      if (position < end) throw new Error('it ended before all of its bytes had come');
    } catch (error) {
      throw toOutage(uri, error, readSignal);
    } finally {
      // Whoever stops reading in the middle ends the request as well.
      quiet.abort();
    }
  }

  return {
    ...{ uri, sizeBytes, declaredMediaType, isPublic: false, readsRanges: true },
    fileName: opened.fileName ?? lastPartOf(uri),
    fingerprint: [scheme, sizeBytes, version].join('-'),
    read(range, readSignal) {
      assertRange(range, sizeBytes);
      return Readable.from(readPieces(range, readSignal), { objectMode: false, signal: readSignal });
    },
    close: () => opened.close?.() ?? Promise.resolve(),
  };
}

/** Waits for the next piece, for so long and not past an abort, whatever the opener makes of the signal. */
async function nextPiece(
  pieces: AsyncIterator<Uint8Array>,
  timeoutMs: number,
  signal: AbortSignal,
  quiet: AbortController,
): Promise<IteratorResult<Uint8Array>> {
  signal.throwIfAborted();
  const timer = setTimeout(() => {
    quiet.abort(new Error(`nothing came for ${String(timeoutMs / 1000)} s`));
  }, timeoutMs);
  let stopListening: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort);
    stopListening = () => {
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([pieces.next(), aborted]);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function lastPartOf(uri: string): string {
  const path = redactUri(uri);
  return path.slice(path.lastIndexOf('/') + 1).replaceAll(/[\\\p{Cc}]/gu, '_') || 'media';
}
