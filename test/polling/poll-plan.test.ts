import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPollDelayMs, type ProcessingTime } from '../../src/polling/poll-plan.ts';
import { providers } from '../../src/providers/registry.ts';
import { leastCostMs, lognormal, measurePlan } from './optimum.ts';

/** A repeatable source of numbers in [0, 1) (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const { lifecycle, resources } = providers.tiro;
const limits = resources['voice-file-job'].polling;
const buckets = [4, 10, 40, 120].map((minutes) => ({
  title: `${String(minutes)} minutes of audio at Tiro`,
  likely: lifecycle.processingTime(minutes * 60),
}));
const times = ({ earliestMs, latestMs }: ProcessingTime, factor: number): ProcessingTime => ({
  earliestMs: earliestMs * factor,
  latestMs: latestMs * factor,
});

function measure(likely: ProcessingTime | null, truth: ProcessingTime, jobs = 4000) {
  const random = seeded(1);
  const nextLookMs = (elapsedMs: number) => nextPollDelayMs({ processingTime: likely, elapsedMs, limits, random });
  return measurePlan(lognormal(truth), nextLookMs, { jobs, random });
}

/** The mean delay of looks at a fixed interval, which cost half a look and one for each interval of a job's mean time. */
function delayAtFixedInterval(truth: ProcessingTime, calls: number): number {
  const law = lognormal(truth);
  const parts = Array.from({ length: 1000 }, (_, index) => law.quantile((index + 0.5) / 1000));
  const meanMs = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return meanMs / (calls - 0.5) / 2;
}

describe('the poll plan', () => {
  it.each(buckets)(
    'costs at most 1.05 of the least that is possible where the table is right: $title',
    ({ likely }) => {
      expect(measure(likely, likely).costMs / leastCostMs(lognormal(likely), 1000)).toBeLessThanOrEqual(1.05);
    },
  );

  it.each([NaN, -1, 0])('takes a price of %d for the usual one', (priceMs) => {
    const input = { processingTime: null, elapsedMs: 60_000, limits, random: () => 0.5 };
    expect(nextPollDelayMs({ ...input, priceMs })).toBe(nextPollDelayMs(input));
  });

  describe.each(buckets)('$title', ({ likely }) => {
    it.each([
      ['half of what it is', 0.5],
      ['right', 1],
      ['double of what it is', 2],
    ])('are seen sooner than by a fixed interval of as many calls where the table says %s', (_what, factor) => {
      const { calls, delayMs } = measure(times(likely, factor), likely);
      expect(delayMs).toBeLessThan(delayAtFixedInterval(likely, calls));
    });
  });

  it('costs 5 to 6 calls and 5 to 7 seconds in the mean for ten minutes of audio at Tiro', () => {
    const { calls, delayMs } = measure(
      { earliestMs: 60_000, latestMs: 180_000 },
      { earliestMs: 60_000, latestMs: 180_000 },
    );
    expect(calls).toBeGreaterThan(5);
    expect(calls).toBeLessThan(6);
    expect(delayMs).toBeGreaterThan(5000);
    expect(delayMs).toBeLessThan(7000);
  });

  it('spreads the first looks at a thousand jobs that start together', () => {
    const random = seeded(7);
    const likely = lifecycle.processingTime(40 * 60);
    const perSecond = new Map<number, number>();
    for (let job = 0; job < 1000; job += 1) {
      const second = Math.floor(nextPollDelayMs({ processingTime: likely, elapsedMs: 0, limits, random }) / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(50);
  });

  it('finds the end of a job of which nothing is known within a time that grows with its age, or the cap', () => {
    const unknown = { floorMs: 2000, capMs: 60_000 };
    for (const endMs of [5000, 60_000, 600_000, 4 * 3_600_000]) {
      const random = seeded(endMs);
      const looks = { jobs: 200, random };
      const law = { endedBy: () => NaN, quantile: () => endMs };
      const nextLookMs = (elapsedMs: number) =>
        nextPollDelayMs({ processingTime: null, elapsedMs, limits: unknown, random });
      const { delayMs, calls } = measurePlan(law, nextLookMs, looks);
      expect(delayMs).toBeLessThan(Math.min(40_000, Math.max(4000, endMs / 2)));
      expect(calls).toBeLessThan(12 + endMs / 30_000);
    }
  });

  it('looks less often where a call is worth more', () => {
    const [likely] = [buckets[1]?.likely ?? null];
    const calls = [1000, 4000, 10_000].map((priceMs) => {
      const random = seeded(3);
      const nextLookMs = (elapsedMs: number) =>
        nextPollDelayMs({ processingTime: likely, elapsedMs, limits, random, priceMs });
      return measurePlan(lognormal(likely ?? expect.fail()), nextLookMs, { jobs: 1000, random }).calls;
    });
    expect(calls).toEqual([...calls].sort((a, b) => b - a));
    expect(calls[2]).toBeLessThan((calls[0] ?? 0) / 2);
  });

  const durationMs = fc.oneof(fc.nat(86_400_000), fc.constantFrom(0, 1e-9, 0.5, 1e15, Number.MAX_VALUE));
  const anyLimits = fc
    .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 600_000 }))
    .map(([floorMs, more]) => ({ floorMs, capMs: floorMs + more }));
  const processingTime = fc.option(
    fc.tuple(durationMs, durationMs).map(([earliestMs, more]) => ({ earliestMs, latestMs: earliestMs + more })),
  );
  const anyInput = fc.record({
    processingTime,
    limits: anyLimits,
    priceMs: fc.double({ min: 1, max: 1e6, noNaN: true }),
    elapsedMs: fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    die: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  it('takes what is no number for nothing known, or no time at all', () => {
    const likely = { earliestMs: 60_000, latestMs: 180_000 };
    const delayMs = (processingTime: ProcessingTime | null, elapsedMs = 0) =>
      nextPollDelayMs({ processingTime, elapsedMs, limits, random: () => 0.5 });
    expect(delayMs({ ...likely, earliestMs: NaN })).toBe(delayMs(null));
    expect(delayMs({ ...likely, latestMs: NaN })).toBe(delayMs(null));
    expect(delayMs({ earliestMs: -Infinity, latestMs: Infinity })).toBe(delayMs(null));
    expect(delayMs(likely, NaN)).toBe(delayMs(likely, 0));
  });

  it('is always positive, finite and never below the floor', () => {
    fc.assert(
      fc.property(anyInput, ({ die, ...input }) => {
        const delayMs = nextPollDelayMs({ ...input, random: () => die });
        expect(Number.isFinite(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(input.limits.floorMs);
      }),
      { numRuns: 2000 },
    );
  });

  it('is never above the cap, once the earliest likely end is past and calls have their usual price', () => {
    fc.assert(
      fc.property(anyInput, ({ die, ...input }) => {
        const elapsedMs = Math.max(input.elapsedMs, input.processingTime?.earliestMs ?? 0);
        const delayMs = nextPollDelayMs({ ...input, priceMs: 1000, elapsedMs, random: () => die });
        expect(delayMs).toBeLessThanOrEqual(input.limits.capMs);
      }),
      { numRuns: 2000 },
    );
  });

  it('never waits longer than an hour, or the floor', () => {
    fc.assert(
      fc.property(anyInput, ({ die, ...input }) => {
        const delayMs = nextPollDelayMs({ ...input, random: () => die });
        expect(delayMs).toBeLessThanOrEqual(Math.max(3_600_000, input.limits.floorMs));
      }),
    );
  });
});
