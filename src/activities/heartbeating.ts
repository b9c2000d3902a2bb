import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { cancellationSignal, Context, heartbeat } from '@temporalio/activity';

/** What a transfer may tell the server while it runs. */
export interface Pulse<D> {
  /** Replaces what an attempt after this one would find; resolves when that is on its way to the server. */
  remember(details: D): Promise<void>;
}

const beatEveryMs = 1000;
// The SDK holds back what follows a heartbeat for this long: `maxHeartbeatThrottleInterval` of the workers, and a little.
const throttleMs = 1050;

/**
 * Runs a transfer with a heartbeat each second, by a timer: bytes may stand still for longer than the server waits,
 * and a cancellation reaches an attempt only through its heartbeats. What an earlier attempt remembered stays until
 * this one has something to say: the first of it is not to be held back behind a beat that says nothing.
 */
export async function heartbeating<D, T>(
  details: D,
  transfer: (pulse: Pulse<D>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let latest = details;
  let lastBeatMs = -Infinity;
  const beat = () => {
    lastBeatMs = performance.now();
    heartbeat(latest);
  };
  const timer = setInterval(beat, beatEveryMs);
  // Every part on its way listens for the cancellation; Node takes more than ten for a leak.
  setMaxListeners(100, cancellationSignal());
  try {
    return await transfer(
      {
        async remember(next) {
          latest = next;
          const heldBackMs = lastBeatMs + throttleMs - performance.now();
          beat();
          if (heldBackMs > 0) await delay(heldBackMs);
        },
      },
      cancellationSignal(),
    );
  } finally {
    clearInterval(timer);
  }
}

/** Aborts where the workflow gives the activity up, and not where only this worker stops and another goes on. */
export function givenUpSignal(): AbortSignal {
  const context = Context.current();
  const givenUp = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    if (context.cancellationDetails?.workerShutdown !== true) givenUp.abort(context.cancellationSignal.reason);
  });
  return givenUp.signal;
}
