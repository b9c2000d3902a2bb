import { beliefOf, type ProcessingTime } from './poll-plan.ts';

/**
 * When a job that succeeded ended, in milliseconds since its processing began: as the provider tells it, or between the
 * last look that found it at work and the one that found it done.
 */
export type ObservedEnd = { endedAtMs: number } | { afterMs: number; byMs: number };

/** What one job that succeeded teaches. */
export type Observation = ObservedEnd & {
  /** Whether the first look found it done: how much earlier it ended is not known. */
  foundByFirstLook: boolean;
};

/** What jobs that succeeded have taught, measured against what the vendor says of each. */
export interface Learned {
  /** The logarithm of how many times the vendor's median such jobs take. */
  shift: number;
  /** How uncertain the shift is, as a variance. */
  uncertainty: number;
  /** How many times the vendor's variance theirs is. */
  spread: number;
  jobs: number;
  /** +1 where the last job ended far later than expected, -1 where far earlier. */
  far: -1 | 0 | 1;
  /** How many jobs in a row the first look has found done before half of them were expected to be. */
  early: number;
}

// From the median to the 95 % point of a normal distribution, and between the two such points, in standard deviations.
const toPoint = 1.645;
const fromPointToPoint = 2 * toPoint;
// ln of the odds at the 92.5 % point, twice: what the shape of a belief is made of.
const shapeBySpread = 5;
// What is known of a class is worth some twenty jobs at the most, so that it follows what changes.
const leastUncertaintyOfVariance = 0.05;
const leastSpreadGain = 0.05;
const mostDeviations = 2.5;
const farDeviations = 2;
const earlyInARow = 2;
const leastSpread = 0.5 ** 2;
const mostSpread = 3 ** 2;
// A vendor that is off by more than that has not meant these jobs.
const mostShift = Math.log(10_000);
const mostMs = Number.MAX_SAFE_INTEGER;

interface Prior {
  medianMs: number;
  variance: number;
  /** Of the median: how far it may be off. */
  uncertainty: number;
  /** How many jobs the vendor's variance is worth. */
  spreadJobs: number;
}

function priorOf(said: ProcessingTime | null): Prior {
  const vendor = said === null || Number.isNaN(said.earliestMs + said.latestMs) ? null : said;
  const { medianMs, shape } = beliefOf(vendor);
  // Where nothing is known, it is the median that may be off, by a factor of 50; like jobs take like times all the same.
  if (vendor === null) return { medianMs, variance: 0.25, uncertainty: 4, spreadJobs: 4 };
  const variance = (shapeBySpread / shape / fromPointToPoint) ** 2;
  // A vendor's median is off by more than a third one time in three.
  return { medianMs, variance, uncertainty: 0.09, spreadJobs: 12 };
}

/** What is known before the first job: what the vendor says. */
export function nothingLearned(vendor: ProcessingTime | null): Learned {
  return { shift: 0, uncertainty: priorOf(vendor).uncertainty, spread: 1, jobs: 0, far: 0, early: 0 };
}

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

function softplus(z: number): number {
  return Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** The mean of the logistic distribution between two points. */
function logisticMeanBetween(from: number, to: number): number {
  // In the right tail differences drown in rounding; in the left one they do not.
  if (from > 0) return -logisticMeanBetween(-to, -from);
  const ended = (z: number) => 1 / (1 + Math.exp(-z));
  const part = (z: number) => (z === -Infinity ? 0 : z * ended(z) - softplus(z));
  const mean = (part(to) - part(from)) / (ended(to) - ended(from));
  return Number.isFinite(mean) ? clamp(mean, from, to) : to;
}

interface Measured {
  /** ln of the end over the vendor's median. */
  at: number;
  /** How uncertain that is, as a variance. */
  noise: number;
}

/** Whether a job can have ended so, a millisecond after its begin or later; by what cannot be, nothing is learned. */
export function isPossible(seen: ObservedEnd): boolean {
  const byMs = 'endedAtMs' in seen ? seen.endedAtMs : seen.byMs;
  const afterMs = 'endedAtMs' in seen ? 0 : Math.max(0, seen.afterMs);
  return afterMs < byMs && byMs >= 1 && byMs <= mostMs;
}

function measure(seen: ObservedEnd, medianMs: number, shift: number, variance: number): Measured {
  const place = (ms: number) => Math.log(ms / medianMs);
  if ('endedAtMs' in seen) return { at: place(seen.endedAtMs), noise: 0 };
  const [after, by] = [place(Math.max(0, seen.afterMs)), place(seen.byMs)];
  const scale = Math.sqrt(3 * variance) / Math.PI;
  const width = Math.min(by - after, 3 * Math.sqrt(variance));
  const mean = logisticMeanBetween((after - shift) / scale, (by - shift) / scale);
  return { at: shift + scale * mean, noise: width ** 2 / 12 };
}

/**
 * Takes in how long one job took that succeeded: a Kalman filter for the logarithm of how far the vendor's median is off,
 * which follows the spread as well and bears outliers. What cannot be is left out.
 */
export function learnFrom(before: Learned, vendor: ProcessingTime | null, observation: Observation): Learned {
  if (!isPossible(observation)) return before;
  const prior = priorOf(vendor);
  const variance = prior.variance * before.spread;
  const expected = variance + before.uncertainty;
  const measured = measure(observation, prior.medianMs, before.shift, expected);
  const off = measured.at - before.shift;

  const far = Math.abs(off) > farDeviations * Math.sqrt(expected) ? (Math.sign(off) as -1 | 1) : 0;
  const early = observation.foundByFirstLook && off < 0 ? before.early + 1 : 0;
  const hasDrifted = (far !== 0 && far === before.far) || early >= earlyInARow;
  const uncertainty = hasDrifted ? Math.max(before.uncertainty, prior.uncertainty) : before.uncertainty;
  const total = variance + uncertainty;

  const gain = uncertainty / (total + measured.noise);
  const most = mostDeviations * Math.sqrt(total);
  const spreadGain = Math.max(1 / (before.jobs + prior.spreadJobs), leastSpreadGain);
  const surprise = Math.min((off ** 2 + measured.noise) / total, mostDeviations ** 2);
  return {
    shift: clamp(before.shift + gain * clamp(off, -most, most), -mostShift, mostShift),
    uncertainty: Math.max((1 - gain) * uncertainty, leastUncertaintyOfVariance * variance),
    spread: clamp(before.spread * (1 + spreadGain * (surprise - 1)), leastSpread, mostSpread),
    jobs: before.jobs + 1,
    far,
    early,
  };
}

/** Where nearly all of such jobs lie by what was learned, whether or not it is to be relied on. */
function rangeOf(learned: Learned, vendor: ProcessingTime | null): ProcessingTime {
  const { medianMs, variance } = priorOf(vendor);
  const reach = toPoint * Math.sqrt(variance * learned.spread + learned.uncertainty);
  const at = (deviation: number) => clamp(medianMs * Math.exp(learned.shift + deviation), 1, mostMs);
  return { earliestMs: at(-reach), latestMs: at(reach) };
}

// One job may be an exception.
const fewestJobs = 2;
// Two or three jobs miss the median by chance more than a right table does; from there on they are the better guess.
const jobsThatOverrule = 8;

function overrules({ jobs, shift, uncertainty, early }: Learned, vendor: ProcessingTime | null): boolean {
  if (jobs < fewestJobs) return false;
  if (vendor === null || jobs >= jobsThatOverrule) return true;
  return early >= earlyInARow || Math.abs(shift) >= toPoint * Math.sqrt(uncertainty);
}

/**
 * How long such a job is likely to take by what was learned. `null` where the vendor's word stands: before the second
 * job, and before the eighth unless they contradict it, nine times in ten rightly.
 */
export function learnedTime(learned: Learned, vendor: ProcessingTime | null): ProcessingTime | null {
  return overrules(learned, vendor) ? rangeOf(learned, vendor) : null;
}

// Measured (test/polling/learning.test.ts): from there on fewer than one sound job in 1,000 is called stuck, also where
// the vendor is off by three; where it says nothing, the spread has to be learned first, and fewer than one in 500 is.
const jobsToCallStuck = { vendorKnows: 5, nothingKnown: 20 };
const oddsOfAlmostAll = 999;

/** The time by which 99.9 % of such jobs have ended; `null` until five jobs were seen, twenty of a vendor that says nothing. */
export function almostAllEndedByMs(learned: Learned, vendor: ProcessingTime | null): number | null {
  if (learned.jobs < jobsToCallStuck[vendor === null ? 'nothingKnown' : 'vendorKnows']) return null;
  const { medianMs, shape } = beliefOf(rangeOf(learned, vendor));
  return Math.min(mostMs, medianMs * oddsOfAlmostAll ** (1 / shape));
}
