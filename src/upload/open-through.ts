import { Readable } from 'node:stream';
import { neverSilent } from '../http/never-silent.ts';
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
    // Whoever stops reading in the middle ends the request as well.
    const stop = new AbortController();
    let position = start;
    try {
      const pieces = opened.read({ start, end }, AbortSignal.any([readSignal, stop.signal]));
      for await (const piece of neverSilent(pieces, { stop, quietMs: timeoutMs, outer: readSignal })) {
        position += piece.length;
        if (position > end) throw new Error('more bytes came than were asked for');
        yield piece;
      }
      if (position < end) throw new Error('it ended before all of its bytes had come');
    } catch (error) {
      throw toOutage(uri, error, readSignal);
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

function lastPartOf(uri: string): string {
  const path = redactUri(uri);
  return path.slice(path.lastIndexOf('/') + 1).replaceAll(/[\\\p{Cc}]/gu, '_') || 'media';
}
