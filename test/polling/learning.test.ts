import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  almostAllEndedByMs,
  type Learned,
  learnedTime,
  learnFrom,
  nothingLearned,
  type Observation,
} from '../../src/polling/learning.ts';
import { nextPollDelayMs, type PollLimits, type ProcessingTime } from '../../src/polling/poll-plan.ts';
import { providers } from '../../src/providers/registry.ts';
import { seededRandom } from '../setup/seeded-random.ts';
import { type Law, leastCostMs, lognormal, measurePlan } from './optimum.ts';

const { lifecycle, resources } = providers.tiro;
const limits = resources['voice-file-job'].polling;
const buckets = [4, 10, 40, 120].map((minutes) => lifecycle.processingTime(minutes * 60));
const times = ({ earliestMs, latestMs }: ProcessingTime, factor: number): ProcessingTime => ({
  earliestMs: earliestMs * factor,
  latestMs: latestMs * factor,
});
const medianOf = ({ earliestMs, latestMs }: ProcessingTime) => Math.sqrt(earliestMs * latestMs);

const toldAt = (endedAtMs: number): Observation => ({ endedAtMs, foundByFirstLook: false });
const learnAll = (vendor: ProcessingTime | null, seen: readonly Observation[]): Learned =>
  seen.reduce((learned, each) => learnFrom(learned, vendor, each), nothingLearned(vendor));

interface Course {
  vendor: ProcessingTime | null;
  truth: ProcessingTime;
  /** Whether the provider says when a job ended. */
  isTold: boolean;
  limits?: PollLimits;
}

const optima = new Map<string, number>();
function optimumMs(truth: ProcessingTime, law: Law): number {
  const key = JSON.stringify(truth);
  const known = optima.get(key) ?? leastCostMs(law, 1000, 2000);
  optima.set(key, known);
  return known;
}

/**
 * What the plan costs after so many jobs, in times of the exact optimum, the mean of `runs` courses of learning; and how
 * many of 1,000 sound jobs would be called stuck.
 */
function follow({ vendor, truth, isTold, limits: bounds = limits }: Course, after: readonly number[], runs = 60) {
  const law = lognormal(truth);
  const optimum = optimumMs(truth, law);
  const sums = new Map(after.map((jobs) => [jobs, { cost: 0, stuck: 0 }]));
  for (let run = 0; run < runs; run += 1) {
    const random = seededRandom(1 + run * 7919);
    let learned = nothingLearned(vendor);
    for (;;) {
      const processingTime = learnedTime(learned, vendor) ?? vendor;
      const nextLookMs = (elapsedMs: number) => nextPollDelayMs({ processingTime, elapsedMs, limits: bounds, random });
      const sum = sums.get(learned.jobs);
      if (sum !== undefined) {
        sum.cost += measurePlan(law, nextLookMs, { jobs: 50, random }).costMs / optimum / runs;
        const stuckAfterMs = almostAllEndedByMs(learned, vendor);
        sum.stuck += stuckAfterMs === null ? 0 : ((1 - law.endedBy(stuckAfterMs)) * 1000) / runs;
      }
      if (learned.jobs >= Math.max(...after)) break;
      const endedAtMs = law.quantile(random());
      const looks = [0];
      while ((looks.at(-1) ?? 0) < endedAtMs) looks.push((looks.at(-1) ?? 0) + nextLookMs(looks.at(-1) ?? 0));
      const seen = isTold ? { endedAtMs } : { afterMs: looks.at(-2) ?? 0, byMs: looks.at(-1) ?? 0 };
      learned = learnFrom(learned, vendor, { ...seen, foundByFirstLook: looks.length === 2 });
    }
  }
  return sums;
}

/** The dearest of Tiro's rows after each number of jobs, where a table is off by a factor. */
function worstOf(factor: number, isTold: boolean, after: readonly number[]) {
  const rows = buckets.map((vendor) => follow({ vendor, truth: times(vendor, factor), isTold }, after));
  const most = (jobs: number, what: 'cost' | 'stuck') => Math.max(...rows.map((row) => row.get(jobs)?.[what] ?? NaN));
  return after.map((jobs) => ({ jobs, cost: most(jobs, 'cost'), stuckPerThousand: most(jobs, 'stuck') }));
}

describe('learning from jobs that succeeded', () => {
  describe('costs, in times of what is least possible', () => {
    it.each([
      ['told', true],
      ['seen', false],
    ])('at most 1.10 at any time where the table was right and ends are %s', (_how, isTold) => {
      const rows = worstOf(1, isTold, [2, 3, 5, 8, 12, 20]);
      expect(rows.filter(({ cost }) => !(cost <= 1.1))).toEqual([]);
      expect(rows.filter(({ stuckPerThousand }) => !(stuckPerThousand < 1))).toEqual([]);
    });

    it.each([
      { jobs: 12, isTold: true, how: 'the provider tells', factor: 0.5, what: 'twice as quick' },
      { jobs: 12, isTold: true, how: 'the provider tells', factor: 2, what: 'twice as slow' },
      { jobs: 20, isTold: false, how: 'only looks tell', factor: 0.5, what: 'twice as quick' },
      { jobs: 20, isTold: false, how: 'only looks tell', factor: 2, what: 'twice as slow' },
    ])('at most 1.15 after $jobs jobs whose end $how, all $what as the table', ({ jobs, isTold, factor }) => {
      const [before, early, then] = worstOf(factor, isTold, [0, 5, jobs]);
      expect(before?.cost).toBeGreaterThan(2);
      expect(early?.cost).toBeLessThan(1.3);
      expect(then?.cost).toBeLessThanOrEqual(1.15);
      expect(then?.stuckPerThousand).toBeLessThan(1);
    });

    it('at most 1.2 after 12 jobs where the vendor says nothing', () => {
      const wide = { floorMs: 2000, capMs: 60_000 };
      for (const truth of [...buckets, { earliestMs: 3000, latestMs: 12_000 }]) {
        const course = { vendor: null, truth, isTold: false, limits: wide };
        expect(follow(course, [12]).get(12)?.cost).toBeLessThanOrEqual(1.2);
      }
    });
  });

  const [vendor] = buckets.slice(1);
  if (vendor === undefined) throw new Error('no row');
  const usual = medianOf(vendor);
  const learnedOf = (seen: readonly Observation[], of: ProcessingTime | null = vendor) => {
    const learned = learnAll(of, seen);
    const time = learnedTime(learned, of);
    return {
      time,
      factor: time === null ? null : medianOf(time) / usual,
      stuckAfterMs: almostAllEndedByMs(learned, of),
    };
  };
  const like = (factor: number, jobs: number) => Array.from({ length: jobs }, () => toldAt(usual * factor));

  it('leaves the word to the vendor until two jobs contradict it, or eight were seen', () => {
    expect(learnedOf(like(3, 1)).time).toBeNull();
    expect(learnedOf(like(3, 2)).factor).toBeGreaterThan(1.5);
    expect(learnedOf(like(1.05, 7)).time).toBeNull();
    expect(learnedOf(like(1.05, 8)).factor).toBeCloseTo(1.05, 1);
  });

  it('moves little for one outlier, and soon for what has changed', () => {
    const before = learnedOf(like(1, 20)).factor ?? NaN;
    expect(learnedOf([...like(1, 20), toldAt(usual * 1000)]).factor).toBeLessThan(before * 1.15);
    const weekly = learnedOf([...like(1, 20), ...like(3, 1)]).factor ?? NaN;
    expect(learnedOf([...like(1, 20), ...like(3, 6)]).factor).toBeGreaterThan(Math.max(2, weekly));
  });

  it('learns from jobs that the first look found done that they end much earlier', () => {
    const found = { afterMs: 0, byMs: usual / 2, foundByFirstLook: true };
    expect(learnedOf([found, found]).factor).toBeLessThan(0.8);
  });

  it('narrows the range where jobs are alike, and widens it where they are not', () => {
    const spreadOf = (factors: readonly number[]) => {
      const { time } = learnedOf(factors.map((factor) => toldAt(usual * factor)));
      return time === null ? NaN : time.latestMs / time.earliestMs;
    };
    const cycle = (factors: readonly number[]) =>
      Array.from({ length: 24 }, (_, at) => factors[at % factors.length] ?? 1);
    expect(spreadOf(cycle([0.95, 1.05]))).toBeLessThan(2.5);
    expect(spreadOf(cycle([0.3, 3.3]))).toBeGreaterThan(6);
  });

  it('says from five jobs on by when 99.9 % of them have ended, from twenty where the vendor says nothing', () => {
    expect(learnedOf(like(1, 4)).stuckAfterMs).toBeNull();
    const { stuckAfterMs } = learnedOf(like(1, 5));
    expect(stuckAfterMs).toBeGreaterThan(2 * vendor.latestMs);
    expect(stuckAfterMs).toBeLessThan(6 * vendor.latestMs);
    expect(learnedOf(like(1, 19), null).stuckAfterMs).toBeNull();
    expect(learnedOf(like(1, 20), null).stuckAfterMs).toBeGreaterThan(usual);
  });

  it.each<Observation>([
    { endedAtMs: NaN, foundByFirstLook: false },
    { endedAtMs: 0, foundByFirstLook: false },
    { endedAtMs: -5, foundByFirstLook: true },
    { endedAtMs: Infinity, foundByFirstLook: false },
    { afterMs: 10, byMs: 10, foundByFirstLook: false },
    { afterMs: 10, byMs: 5, foundByFirstLook: false },
    { afterMs: NaN, byMs: 5, foundByFirstLook: false },
    { afterMs: 0, byMs: Infinity, foundByFirstLook: true },
  ])('leaves out what cannot be: %o', (observation) => {
    expect(learnAll(vendor, [observation])).toEqual(nothingLearned(vendor));
  });

  const anyMs = fc.oneof(
    fc.double({ min: 0, max: 1e9 }),
    fc.constantFrom(0, -1, 5e-324, 1e-9, 1e15, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Infinity, NaN),
  );
  const foundByFirstLook = fc.boolean();
  const anyObservation: fc.Arbitrary<Observation> = fc.oneof(
    fc.record({ endedAtMs: anyMs, foundByFirstLook }),
    fc.record({ afterMs: anyMs, byMs: anyMs, foundByFirstLook }),
  );
  const anyVendor = fc.option(fc.record({ earliestMs: anyMs, latestMs: anyMs }), { freq: 4 });

  it('keeps finite state and positive times, whatever is seen', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyVendor, anyObservation), { maxLength: 60 }), anyVendor, (jobs, last) => {
        const learned = jobs.reduce((state, [of, seen]) => learnFrom(state, of, seen), nothingLearned(last));
        expect(Object.values(learned).every(Number.isFinite)).toBe(true);
        expect(Math.min(learned.uncertainty, learned.spread)).toBeGreaterThan(0);
        const time = learnedTime(learned, last);
        if (time !== null) {
          expect(time.earliestMs).toBeGreaterThanOrEqual(1);
          expect(time.latestMs).toBeGreaterThanOrEqual(time.earliestMs);
          expect(time.latestMs).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
        }
        const stuckAfterMs = almostAllEndedByMs(learned, last) ?? 1;
        expect(stuckAfterMs).toBeGreaterThan(0);
        expect(Number.isFinite(stuckAfterMs)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
