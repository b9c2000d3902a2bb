import { Readable } from 'node:stream';

/**
 * Gives pieces as they come, and waits past no abort whatever their source makes of its signal. Where one is wanted and
 * none comes for `quietMs`, aborts `stop` with that as its reason; a reader that takes its time is no silence. Whoever
 * stops reading aborts `stop` too.
 */
export async function* neverSilent<T>(
  source: AsyncIterable<T>,
  { stop, quietMs, outer }: { stop: AbortController; quietMs: number; outer?: AbortSignal | undefined },
): AsyncGenerator<T> {
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  const pieces = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await nextPiece(pieces, signal, stop, quietMs);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    stop.abort();
    // What heeds no signal is closed by this; one that hangs is not waited for, and only a stream can be closed then.
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
    if (source instanceof Readable) source.destroy();
  }
}

async function nextPiece<T>(
  pieces: AsyncIterator<T>,
  signal: AbortSignal,
  stop: AbortController,
  quietMs: number,
): Promise<IteratorResult<T>> {
  signal.throwIfAborted();
  const timer = setTimeout(() => {
    stop.abort(new Error(`nothing came for ${String(quietMs / 1000)} s`));
  }, quietMs);
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
