import type { ProcessingTime } from '../../src/polling/poll-plan.ts';

/** A law of how long a job takes, from its start to its end in milliseconds. */
export interface Law {
  /** The part of jobs that has ended by a time. */
  endedBy: (ms: number) => number;
  /** The time by which such a part of jobs has ended. */
  quantile: (part: number) => number;
}

/** The normal distribution's integral, to 7 digits (Abramowitz and Stegun 7.1.26). */
function normal(z: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2));
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const tail = series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp(-(z * z) / 2);
  return z < 0 ? tail / 2 : 1 - tail / 2;
}

/** The law of jobs of which 5 % end before the earliest likely time and 5 % after the latest, lognormal. */
export function lognormal({ earliestMs, latestMs }: ProcessingTime): Law {
  const middle = Math.log(earliestMs * latestMs) / 2;
  const spread = Math.log(latestMs / earliestMs) / (2 * 1.6448536);
  const endedBy = (ms: number) => (ms <= 0 ? 0 : normal((Math.log(ms) - middle) / spread));
  const quantile = (part: number) => {
    let [low, high] = [-8, 8];
    for (let step = 0; step < 60; step += 1) {
      const z = (low + high) / 2;
      if (normal(z) < part) low = z;
      else high = z;
    }
    return Math.exp(middle + spread * low);
  };
  return { endedBy, quantile };
}

/** The plan of looks that costs least: mean delay plus the price of each call. */
export interface BestPlan {
  costMs: number;
  /** Since the job's start; by the last one every job has ended. */
  looksMs: number[];
}

/**
 * The best of all plans of looks at a price for each call, found by going back over a grid of moments from one by which
 * every job has ended.
 */
export function bestPlan(law: Law, priceMs: number, steps = 3000): BestPlan {
  const endMs = law.quantile(1 - 1e-7);
  const stepMs = endMs / steps;
  const ended = Float64Array.from({ length: steps + 1 }, (_, index) => law.endedBy(index * stepMs));
  const endedAt = (index: number) => ended[index] ?? 1;
  // The integral of `ended`, so that the delay from one look to the next is a difference of it.
  const area = new Float64Array(steps + 1);
  for (let index = 1; index <= steps; index += 1) {
    area[index] = (area[index - 1] ?? 0) + ((endedAt(index - 1) + endedAt(index)) / 2) * stepMs;
  }
  const areaAt = (index: number) => area[index] ?? 0;
  const toGo = new Float64Array(steps + 1);
  const nextLook = new Int32Array(steps + 1);
  for (let from = steps - 1; from >= 0; from -= 1) {
    const running = 1 - endedAt(from);
    let least = Infinity;
    for (let look = from + 1; look <= steps; look += 1) {
      const delayMs = areaAt(look) - areaAt(from) - endedAt(from) * (look - from) * stepMs;
      if (delayMs >= least) break;
      const costMs = delayMs + (toGo[look] ?? 0);
      if (costMs < least) {
        least = costMs;
        nextLook[from] = look;
      }
    }
    toGo[from] = priceMs * running + least;
  }
  const looksMs: number[] = [];
  for (let at = nextLook[0] ?? steps; at < steps; at = nextLook[at] ?? steps) looksMs.push(at * stepMs);
  return { costMs: toGo[0] ?? 0, looksMs: [...looksMs, endMs] };
}

/** What the best of all plans costs. */
export function leastCostMs(law: Law, priceMs: number, steps?: number): number {
  return bestPlan(law, priceMs, steps).costMs;
}

/** What a plan of looks comes to over many jobs. */
export interface PlanCost {
  /** Mean time from a job's end to the look that sees it. */
  delayMs: number;
  /** Mean number of looks at a job. */
  calls: number;
  costMs: number;
}

/** Follows `jobs` jobs of a law by a plan: `nextDelayMs` is asked with the time since the job's start and how often it was asked. */
export function measurePlan(
  law: Law,
  nextDelayMs: (elapsedMs: number, looks: number) => number,
  { jobs, random, priceMs = 1000 }: { jobs: number; random: () => number; priceMs?: number },
): PlanCost {
  let delayMs = 0;
  let calls = 0;
  for (let job = 0; job < jobs; job += 1) {
    // One job from each of as many equal parts of the law: the mean settles with few of them.
    const endMs = law.quantile((job + random()) / jobs);
    let nowMs = 0;
    for (let looks = 0; ; looks += 1) {
      nowMs += nextDelayMs(nowMs, looks);
      calls += 1;
      if (nowMs >= endMs) break;
    }
    delayMs += nowMs - endMs;
  }
  const mean = { delayMs: delayMs / jobs, calls: calls / jobs };
  return { ...mean, costMs: mean.delayMs + priceMs * mean.calls };
}
