import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { nextPollDelayMs, type PollLimits, type ProcessingTime } from '../../src/polling/poll-plan.ts';
import { providers } from '../../src/providers/registry.ts';
import { soketProcessingTime } from '../../src/providers/soket/soket-batch.ts';

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

interface Plan {
  processingTime: ProcessingTime | null;
  limits: PollLimits;
}

/** The times of all looks at a job that we began, up to the one that sees its end. */
function looksUntil(endMs: number, { processingTime, limits }: Plan, random: () => number): number[] {
  const looks: number[] = [];
  let nowMs = 0;
  do {
    nowMs += nextPollDelayMs({ processingTime, elapsedMs: nowMs, limits, random });
    looks.push(nowMs);
  } while (nowMs < endMs);
  return looks;
}

const tiro = providers.tiro;
const tenMinutesAtTiro: Plan = {
  processingTime: tiro.lifecycle.processingTime(600),
  limits: tiro.resources['voice-file-job'].polling,
};
const soketBatchOf22s: Plan = {
  processingTime: soketProcessingTime(22),
  limits: providers.soket.resources.batch.polling,
};
const nothingKnown: Plan = { processingTime: null, limits: { floorMs: 2000, capMs: 30_000 } };

describe('the poll plan', () => {
  test.each([
    ['ten minutes of audio at Tiro that are done at 100 s', tenMinutesAtTiro, 100_000],
    ['a Soket batch estimated at 22 s that is done in 18 s', soketBatchOf22s, 18_000],
    ['a Soket batch estimated at 22 s that is done in 22 s', soketBatchOf22s, 22_000],
    ['a Soket batch estimated at 22 s that is done in 26 s', soketBatchOf22s, 26_000],
  ])('costs at most 8 calls and sees the end within 10 s: %s', (_what, plan, endMs) => {
    for (let seed = 0; seed < 5000; seed += 1) {
      const looks = looksUntil(endMs, plan, seeded(seed));
      expect(looks.length).toBeLessThanOrEqual(8);
      expect((looks.at(-1) ?? Infinity) - endMs).toBeLessThanOrEqual(10_000);
    }
  });

  test.each([
    ['zero', () => 0],
    ['nearly one', () => 1 - Number.EPSILON],
  ])('keeps that promise when every throw of the dice is %s', (_what, random) => {
    for (const [plan, endMs] of [
      [tenMinutesAtTiro, 100_000],
      [soketBatchOf22s, 22_000],
    ] as const) {
      const looks = looksUntil(endMs, plan, random);
      expect(looks.length).toBeLessThanOrEqual(8);
      expect((looks.at(-1) ?? Infinity) - endMs).toBeLessThanOrEqual(10_000);
    }
  });

  test.each([
    ['at Tiro', tenMinutesAtTiro, 15],
    ['at Soket', soketBatchOf22s, 50],
    ['of which nothing is known', nothingKnown, 70],
  ])('spreads the first looks at 100 jobs %s that start together', (_what, plan, mostInOneSecond) => {
    const random = seeded(7);
    const perSecond = new Map<number, number>();
    for (let job = 0; job < 100; job += 1) {
      const [firstMs = 0] = looksUntil(0, plan, random);
      const second = Math.floor(firstMs / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThan(1);
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(mostInOneSecond);
  });

  it('finds the end of a job of unknown length within an eighth of its age, or the cap', () => {
    for (const endMs of [5000, 60_000, 600_000, 4 * 3_600_000]) {
      for (let seed = 0; seed < 100; seed += 1) {
        const lateMs = (looksUntil(endMs, nothingKnown, seeded(seed)).at(-1) ?? Infinity) - endMs;
        expect(lateMs).toBeLessThanOrEqual(Math.min(30_000, Math.max(4000, endMs / 8)));
      }
    }
  });

  const limits = fc
    .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 600_000 }))
    .map(([floorMs, more]) => ({ floorMs, capMs: floorMs + more }));
  const processingTime = fc.option(
    fc
      .tuple(fc.integer({ min: 0, max: 86_400_000 }), fc.integer({ min: 0, max: 86_400_000 }))
      .map(([earliestMs, more]) => ({ earliestMs, latestMs: earliestMs + more })),
  );
  const anyInput = fc.record({
    processingTime,
    limits,
    elapsedMs: fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    die: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
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

  it('is never above the cap once the first look is past', () => {
    fc.assert(
      fc.property(anyInput, ({ die, ...input }) => {
        const elapsedMs = Math.max(input.elapsedMs, input.processingTime?.earliestMs ?? 0);
        const delayMs = nextPollDelayMs({ ...input, elapsedMs, random: () => die });
        expect(delayMs).toBeLessThanOrEqual(input.limits.capMs);
      }),
      { numRuns: 2000 },
    );
  });

  it('books the first look before or at the earliest likely end', () => {
    fc.assert(
      fc.property(anyInput, ({ die, ...input }) => {
        const earliestMs = input.processingTime?.earliestMs ?? 0;
        const delayMs = nextPollDelayMs({ ...input, elapsedMs: 0, random: () => die });
        expect(delayMs).toBeLessThanOrEqual(Math.max(earliestMs, 2 * input.limits.floorMs));
      }),
    );
  });
});
