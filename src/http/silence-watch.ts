import { Transform } from 'node:stream';

/** Ends a transfer that has gone quiet. */
export interface SilenceWatch {
  /** Aborts when nothing has moved for the given time, or when the outer signal does. */
  signal: AbortSignal;
  /** Counts whatever passes through it as a sign of life. */
  passage: Transform;
  /** Counts a sign of life that does not pass through `passage`. */
  alive: () => void;
  /** How many bytes have passed through `passage`. */
  passed: () => number;
  stop(): void;
}

/** Watches the bytes of one transfer; `quietMs` without any ends it with a `TimeoutError`. */
export function watchSilence(outer: AbortSignal, quietMs: number): SilenceWatch {
  const quiet = new AbortController();
  const timer = setTimeout(() => {
    quiet.abort(new DOMException(`nothing moved for ${String(quietMs / 1000)} s`, 'TimeoutError'));
  }, quietMs);
  let passedBytes = 0;
  const passage = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      timer.refresh();
      passedBytes += chunk.length;
      callback(null, chunk);
    },
  });
  return {
    signal: AbortSignal.any([outer, quiet.signal]),
    passage,
    alive: () => {
      timer.refresh();
    },
    passed: () => passedBytes,
    stop: () => {
      clearTimeout(timer);
    },
  };
}
