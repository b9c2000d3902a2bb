import { addAbortListener } from 'node:events';
import { RateLimiter } from 'limiter';
import pLimit from 'p-limit';
import type { RateLimit } from '../provider.ts';
import { requestsAtOnce, steadyPerMs } from '../rate-limit.ts';

/** The turns of one key's requests. */
export interface Turns {
  /** Waits for the turn of a request, for as long as its caller does. */
  take(signal: AbortSignal): Promise<void>;
  /**
   * In how many milliseconds to come again, for who can: 0 where the next turn is near enough to be waited for. So a key
   * that has more to do than its rate allows does not fill a worker with those that wait.
   */
  comeAgainInMs(): number;
}

/** Turns where nothing limits them. */
export const unlimited: Turns = { take: () => Promise.resolve(), comeAgainInMs: () => 0 };

const longestWaitMs = 2000;

/**
 * A bucket that is full once and then filled evenly, so that no window, wherever it begins, has more than the limit. Who
 * has given up in the queue takes no turn. Those who are to come again are given times as far apart as turns are.
 */
export function createTurns(rate: RateLimit, timeScale: number): Turns {
  const atOnce = requestsAtOnce(rate);
  const betweenMs = 1 / steadyPerMs(rate) / timeScale;
  const limiter = new RateLimiter({ tokensPerInterval: atOnce, interval: atOnce * betweenMs });
  const queue = pLimit(1);
  let bookedUntilMs = 0;
  return {
    async take(signal) {
      signal.throwIfAborted();
      const turn = queue(async () => {
        if (!signal.aborted) await limiter.removeTokens(1);
      });
      await orAborted(turn, signal);
    },
    comeAgainInMs() {
      const queuedMs = (queue.activeCount + queue.pendingCount) * betweenMs;
      if (queuedMs <= longestWaitMs) return 0;
      const nowMs = Date.now();
      bookedUntilMs = Math.max(bookedUntilMs, nowMs + queuedMs) + betweenMs;
      return bookedUntilMs - nowMs;
    },
  };
}

/** Waits for a promise that knows no signal; on an abort it is left to itself. */
function orAborted(waiting: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening = addAbortListener(signal, () => {
      reject(signal.reason as Error);
    });
    void waiting
      .then(() => {
        resolve();
      }, reject)
      .finally(() => {
        listening[Symbol.dispose]();
      });
  });
}
