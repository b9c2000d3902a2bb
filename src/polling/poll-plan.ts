/** How long a job is likely to take from its start to its end: some 85 % of jobs end between the two. */
export interface ProcessingTime {
  earliestMs: number;
  latestMs: number;
}

/** The bounds that a provider sets to asking: never more often than the floor, never more rarely than the cap. */
export interface PollLimits {
  floorMs: number;
  capMs: number;
}

/** What is known when the next look is planned. */
export interface PollPlanInput {
  /** The provider's estimate, the vendor's table or what was learned; `null` where nothing is known. */
  processingTime: ProcessingTime | null;
  /** Since the provider began with the job, by our clock. */
  elapsedMs: number;
  limits: PollLimits;
  /** Uniform in [0, 1). */
  random: () => number;
  /** How much delay one call is worth; one second unless the provider's rate is short. */
  priceMs?: number;
}

/** How much delay one call is worth where calls are not short. */
export const usualPriceMs = 1000;

/**
 * A belief in when a job ends, log-logistic: half of such jobs end by the median, and the higher the shape, the nearer to
 * it the rest of them.
 */
export interface Belief {
  medianMs: number;
  shape: number;
}

// Early looks are for short jobs; how often a long one is asked for hangs on the shape alone.
const nothingKnown: Belief = { medianMs: 20_000, shape: 1 };
const leastSpread = 1.2;
// What is longer than that is as good as for ever.
const mostMs = Number.MAX_SAFE_INTEGER;
// ln of the odds at the 92.5 % point, twice: what lies between the two is 85 %.
const shapeBySpread = 5;

// What is not a number says nothing, and would be compared for ever.
const saysNothing = ({ earliestMs, latestMs }: ProcessingTime) => Number.isNaN(earliestMs + latestMs);

/** The belief that a likely time stands for. */
export function beliefOf(processingTime: ProcessingTime | null): Belief {
  if (processingTime === null || saysNothing(processingTime)) return nothingKnown;
  const earliestMs = Math.min(mostMs, Math.max(1, processingTime.earliestMs));
  const latestMs = Math.min(mostMs, Math.max(leastSpread * earliestMs, processingTime.latestMs));
  const spread = Math.log(Math.max(leastSpread, latestMs / earliestMs));
  return { medianMs: Math.sqrt(earliestMs) * Math.sqrt(latestMs), shape: shapeBySpread / spread };
}

/** The part of such jobs that has ended by a time. */
export function endedBy({ medianMs, shape }: Belief, ms: number): number {
  return 1 / (1 + (medianMs / ms) ** shape);
}

// A belief that begins at nothing says nothing of the first moments.
const firstMomentOf = 1 / 1000;
const bracketBy = 1.3;
const bisections = 20;

/**
 * Since the job's start, the moment of the next look that costs least, by Keller's cost to go in one exact step: the
 * likelihood that a job which runs at `fromMs` has ended by then weighs a call's price against the delay of waiting on.
 */
function bestLookMs(belief: Belief, fromMs: number, priceMs: number): number {
  const { shape } = belief;
  const ended = endedBy(belief, fromMs);
  const isDue = (lookMs: number) => {
    const hazard = (shape / lookMs) * endedBy(belief, lookMs);
    const survival = 1 + ended * Math.expm1(shape * Math.log(lookMs / fromMs));
    return survival >= (1 + Math.sqrt((priceMs * hazard) / 2)) ** 2;
  };
  let early = fromMs;
  let due = fromMs * bracketBy;
  while (!isDue(due)) {
    early = due;
    due *= bracketBy;
  }
  for (let step = 0; step < bisections; step += 1) {
    const middle = (early + due) / 2;
    if (isDue(middle)) due = middle;
    else early = middle;
  }
  return due;
}

// An estimate may be wrong by any amount: whatever it says, a job is looked at each hour.
const longestMs = 3_600_000;
// Half a jitter's width: jobs that began together are to spread, and not to pay for it with delay.
const mostJitter = 0.3;

/**
 * When to ask next, in milliseconds from now: where the sum of delay and calls, each worth `priceMs`, is likely to be
 * least, within the provider's floor and cap, and jittered so that jobs started together spread out. Measured in
 * docs/benchmarks.md, within 1.05 of the exact optimum where the estimate is right.
 */
export function nextPollDelayMs(input: PollPlanInput): number {
  const { processingTime, limits, random } = input;
  // A price that is none would be searched for for ever.
  const priceMs = input.priceMs !== undefined && input.priceMs > 0 ? input.priceMs : usualPriceMs;
  const { floorMs } = limits;
  const belief = beliefOf(processingTime);
  const elapsedMs = Number.isNaN(input.elapsedMs) ? 0 : Math.min(mostMs, Math.max(0, input.elapsedMs));
  const fromMs = Math.max(elapsedMs, belief.medianMs * firstMomentOf);
  const wantedMs = bestLookMs(belief, fromMs, priceMs) - elapsedMs;

  const jitter = Math.min(mostJitter, 1 / belief.shape);
  const die = random();
  // What is clamped after the jitter piles up at the clamp.
  const spreadMs = Math.max(wantedMs, floorMs / (1 - jitter)) * (1 - jitter + 2 * jitter * die);
  const earliestMs = processingTime === null || saysNothing(processingTime) ? 0 : processingTime.earliestMs;
  const untilEarliestMs = Math.max(0, Math.min(mostMs, earliestMs) - elapsedMs);
  // Where calls are short the cap is, too: looks that only the cap asks for are the first to be left out.
  const capMs = Math.min(longestMs, 1.3 * untilEarliestMs + limits.capMs * Math.sqrt(priceMs / usualPriceMs));
  return Math.max(floorMs, Math.min(spreadMs, capMs * (1 - die / 10)));
}
