import { type Belief, endedBy, usualPriceMs } from './poll-plan.ts';

const mostTimesUsual = 10;
const weight = 0.02;
// Under what was paid, so that the price finds back where looks go out when planned; less so, the later they go out.
const [aimOnTime, aimByLateness, mostAim] = [0.6, 3, 0.85];
const mostLateness = 1;

/** A look at a job that goes on; times are since the job's start, in milliseconds. */
export interface PaidLook {
  lastMs: number;
  nowMs: number;
  /** How long after the last one it was planned; `null` where another process has planned it. */
  plannedMs: number | null;
}

/** The price for which a look now would have been the best one. */
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
  /** How much longer than planned the time between two looks is, as a logarithm; looks that went out lately. */
  readonly #lateness = new Map<string, number>();

  of(key: string): number {
    return this.#prices.get(key) ?? usualPriceMs;
  }

  learn(key: string, belief: Belief, { lastMs, nowMs, plannedMs }: PaidLook): void {
    if (nowMs <= Math.max(0, lastMs)) return;
    const paid = paidMs(belief, Math.max(lastMs, Number.MIN_VALUE), nowMs);
    if (!Number.isFinite(paid) || paid <= 0) return;
    const latenessBefore = this.#lateness.get(key) ?? 0;
    const late = plannedMs === null || plannedMs <= 0 ? latenessBefore : Math.log((nowMs - lastMs) / plannedMs);
    const lateness = latenessBefore + weight * (Math.min(mostLateness, Math.max(0, late)) - latenessBefore);
    this.#lateness.set(key, lateness);
    const aim = Math.min(mostAim, aimOnTime + aimByLateness * lateness);
    const before = Math.log(this.of(key));
    const after = before + weight * (Math.log(aim * Math.min(paid, mostTimesUsual * usualPriceMs)) - before);
    this.#prices.set(key, Math.max(usualPriceMs, Math.exp(after)));
  }
}
