import type { RateLimit } from './provider.ts';

const shareAtOnce = 1 / 20;

/** How many requests may go at once where none went before. */
export function requestsAtOnce({ requests }: RateLimit): number {
  return Math.max(1, Math.floor(requests * shareAtOnce));
}

/** How many may go in a millisecond in the long run: what may go at once is taken off the rate, so that no window is over it. */
export function steadyPerMs(rate: RateLimit): number {
  return Math.max(1, rate.requests - requestsAtOnce(rate)) / rate.perMs;
}
