import { addAbortListener } from 'node:events';
import { TokenBucket } from 'limiter';
import type { RateLimit } from '../provider.ts';
import { requestsAtOnce, steadyPerMs } from '../rate-limit.ts';

/** The turns of one key's requests. */
export interface Turns {
  /** Waits for the turn of a request, for as long as its caller does. */
  take(signal: AbortSignal): Promise<void>;
  /**
   * When to come again, for who need not wait: in so many milliseconds, at a turn that is then kept for whoever comes. 0
   * where the next turn is near enough to be waited for, and `taken` for a kept turn: the request goes without `take`.
   * So a key that has more to do than its rate allows does not fill a worker with those that wait.
   */
  comeAgain(): number | 'taken';
}

/** Turns where nothing limits them. */
export const unlimited: Turns = { take: () => Promise.resolve(), comeAgain: () => 0 };

const longestWaitMs = 2000;
// Who was told to come again is some time on the way; who has not come by then will not.
const keptForMs = 15_000;

/**
 * A bucket that is full once and then filled evenly, so that no window, wherever it begins, has more than the limit.
 * First come, first served, save for turns that are kept; who has given up in the queue takes no turn.
 */
export function createTurns(rate: RateLimit, timeScale: number): Turns {
  const atOnce = requestsAtOnce(rate);
  const betweenMs = 1 / steadyPerMs(rate) / timeScale;
  // Not limiter's `RateLimiter`, which has a window besides: after a burst it gives nothing until that is over.
  const bucket = new TokenBucket({ bucketSize: atOnce, tokensPerInterval: atOnce, interval: atOnce * betweenMs });
  bucket.content = atOnce;
  const waiting: (() => void)[] = [];
  // When turns are kept for somebody, epoch milliseconds, the earliest first.
  const kept: number[] = [];
  let timer: NodeJS.Timeout | undefined;

  const remaining = () => {
    bucket.drip();
    return bucket.content;
  };
  const untilMs = (turns: number) => Math.max(0, (turns - remaining()) * betweenMs);
  function countDue(): number {
    const nowMs = Date.now();
    while (kept[0] !== undefined && kept[0] < nowMs - keptForMs) kept.shift();
    return kept.filter((atMs) => atMs <= nowMs).length;
  }
  function serve(): void {
    clearTimeout(timer);
    const due = countDue();
    while (waiting.length > 0 && remaining() >= due + 1 && bucket.tryRemoveTokens(1)) {
      waiting.shift()?.();
    }
    if (waiting.length > 0) timer = setTimeout(serve, Math.max(1, Math.min(untilMs(due + 1), keptForMs)));
  }

  return {
    take(signal) {
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        const go = () => {
          listening[Symbol.dispose]();
          resolve();
        };
        const listening = addAbortListener(signal, () => {
          const place = waiting.indexOf(go);
          if (place !== -1) waiting.splice(place, 1);
          reject(signal.reason as Error);
        });
        waiting.push(go);
        serve();
      });
    },
    comeAgain() {
      if (countDue() > 0) {
        if (!bucket.tryRemoveTokens(1)) return Math.max(1, untilMs(1));
        kept.shift();
        return 'taken';
      }
      const nearMs = untilMs(waiting.length + 1);
      if (nearMs <= longestWaitMs) return 0;
      const nowMs = Date.now();
      const atMs = Math.max(nowMs + nearMs, (kept.at(-1) ?? 0) + betweenMs);
      kept.push(atMs);
      return atMs - nowMs;
    },
  };
}
