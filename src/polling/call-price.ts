import { type Belief, endedBy, usualPriceMs } from './poll-plan.ts';

const mostTimesUsual = 10;
const weight = 0.02;
// A little under what was paid: where calls are not short, the price finds back to the usual one.
const aim = 0.85;

/** The price for which a look at this moment would have been the best one, the last having been at another. */
function paidMs(belief: Belief, lastMs: number, nowMs: number): number {
  const [survivedLast, survived] = [1 - endedBy(belief, lastMs), 1 - endedBy(belief, nowMs)];
  const hazard = (belief.shape / nowMs) * endedBy(belief, nowMs);
  return (2 * (Math.sqrt(survivedLast / survived) - 1) ** 2) / hazard;
}

/**
 * What a call costs at present, by key, in milliseconds of delay. Where looks go out later than planned, calls are short:
 * the price rises until as many are planned as can be made, and those that are worth most. It goes by when looks really
 * go out, with queue and limiter, so workers that share a rate come to the same price without speaking to each other.
 */
export class CallPrices {
  readonly #prices = new Map<string, number>();

  of(key: string): number {
    return this.#prices.get(key) ?? usualPriceMs;
  }

  /** Takes in a look at a job that goes on; times are since the job's start, in milliseconds. */
  learn(key: string, belief: Belief, lastMs: number, nowMs: number): void {
    if (nowMs <= Math.max(0, lastMs)) return;
    const paid = paidMs(belief, Math.max(lastMs, Number.MIN_VALUE), nowMs);
    if (!Number.isFinite(paid) || paid <= 0) return;
    const before = Math.log(this.of(key));
    const after = before + weight * (Math.log(aim * Math.min(paid, mostTimesUsual * usualPriceMs)) - before);
    this.#prices.set(key, Math.max(usualPriceMs, Math.exp(after)));
  }
}
