// How a worker of ours plans its looks where calls are short: by their price, which it learns from how late looks go out.
import {
  beliefOf,
  endedBy,
  nextPollDelayMs,
  type PollLimits,
  type ProcessingTime,
  usualPriceMs,
} from '../../src/polling/poll-plan.ts';

const weight = 0.05;
const aim = 0.7;
const mostTimesUsual = 10;

/** Plans the looks at all jobs under one key. */
export class OurLooks {
  readonly #limits: PollLimits;
  readonly #random: () => number;
  /** False plans as if calls were never short. */
  readonly #learns: boolean;
  #priceMs = usualPriceMs;

  constructor(limits: PollLimits, random: () => number, { learns }: { learns: boolean }) {
    this.#limits = limits;
    this.#random = random;
    this.#learns = learns;
  }

  /** From now, in milliseconds; the time is since the job's start. */
  delayMs(processingTime: ProcessingTime | null, elapsedMs: number): number {
    const [limits, random, priceMs] = [this.#limits, this.#random, this.#priceMs];
    return nextPollDelayMs({ processingTime, elapsedMs, limits, random, priceMs });
  }

  /** Takes in a look at a job that goes on; the last one before it may be the job's start. */
  learn(processingTime: ProcessingTime | null, lastMs: number, nowMs: number): void {
    if (!this.#learns || nowMs <= lastMs) return;
    const belief = beliefOf(processingTime);
    const ended = endedBy(belief, nowMs);
    const survived = Math.sqrt((1 - endedBy(belief, Math.max(lastMs, 1e-9))) / (1 - ended)) - 1;
    const paidMs = (2 * survived ** 2) / ((belief.shape / nowMs) * ended);
    if (!Number.isFinite(paidMs) || paidMs <= 0) return;
    const before = Math.log(this.#priceMs);
    const wanted = Math.log(aim * Math.min(paidMs, mostTimesUsual * usualPriceMs));
    this.#priceMs = Math.max(usualPriceMs, Math.exp(before + weight * (wanted - before)));
  }
}
