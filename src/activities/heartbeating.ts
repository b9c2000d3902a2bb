import { setMaxListeners } from 'node:events';
import { cancellationSignal, heartbeat } from '@temporalio/activity';

/** What a transfer may tell the server while it runs. */
export interface Pulse<D> {
  /** Replaces what an attempt after this one would find. */
  remember(details: D): void;
}

/**
 * Runs a transfer with a heartbeat each second, by a timer: bytes may stand still for longer than the server waits,
 * and a cancellation reaches an attempt only through its heartbeats.
 */
export async function heartbeating<D, T>(
  details: D,
  transfer: (pulse: Pulse<D>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let latest = details;
  const beat = () => {
    heartbeat(latest);
  };
  beat();
  const timer = setInterval(beat, 1000);
  // Every part on its way listens for the cancellation; Node takes more than ten for a leak.
  setMaxListeners(100, cancellationSignal());
  try {
    return await transfer(
      {
        remember: (next) => {
          latest = next;
          beat();
        },
      },
      cancellationSignal(),
    );
  } finally {
    clearInterval(timer);
  }
}
