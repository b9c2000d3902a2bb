import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLearnedTimes, mostClasses, rememberedPerClass } from '../../src/polling/learned-times.ts';
import type { ProcessingTime } from '../../src/polling/poll-plan.ts';

const of = { provider: 'tiro', resource: 'voice-file-job' };
const short: ProcessingTime = { earliestMs: 45_000, latestMs: 75_000 };
const long: ProcessingTime = { earliestMs: 360_000, latestMs: 1_080_000 };
const told = (endedAtMs: number) => ({ endedAtMs, foundByFirstLook: false });

function clock() {
  let nowMs = 1_000_000;
  return () => (nowMs += 1000);
}

function learnedFrom(endings: readonly number[], now = clock()) {
  const times = createLearnedTimes({ now });
  for (const endedAtMs of endings) times.learn(of, short, told(endedAtMs));
  return times;
}

describe('learned times', () => {
  it('are what the vendor says until something was learned', () => {
    const times = createLearnedTimes();
    expect(times.processingTime(of, short)).toEqual(short);
    expect(times.processingTime(of, null)).toBeNull();
    expect(times.stuckAfterMs(of, short)).toBeNull();
    expect(times.classes()).toEqual([]);
  });

  it('are of one provider, resource and class of duration each', () => {
    const times = learnedFrom(Array.from({ length: 8 }, () => 120_000));
    expect(times.processingTime(of, short)?.earliestMs).toBeGreaterThan(75_000);
    expect(times.processingTime(of, long)).toEqual(long);
    expect(times.processingTime(of, null)).toBeNull();
    expect(times.processingTime({ ...of, resource: 'other' }, short)).toEqual(short);
    expect(times.processingTime({ ...of, provider: 'slng' }, short)).toEqual(short);
  });

  it('hold for another estimate of the same class by as much as the vendor is off', () => {
    const times = learnedFrom(Array.from({ length: 12 }, () => 116_190));
    const { earliestMs, latestMs } = times.processingTime(of, { earliestMs: 42_000, latestMs: 70_000 }) ?? short;
    expect(Math.sqrt(earliestMs * latestMs) / Math.sqrt(42_000 * 70_000)).toBeCloseTo(2, 1);
  });

  it('are learned where the vendor says nothing', () => {
    const times = createLearnedTimes();
    for (let job = 0; job < 20; job += 1) times.learn(of, null, told(600_000));
    const { earliestMs, latestMs } = times.processingTime(of, null) ?? short;
    expect(earliestMs).toBeLessThan(600_000);
    expect(latestMs).toBeGreaterThan(600_000);
    expect(latestMs / earliestMs).toBeLessThan(4);
    expect(times.classes()).toMatchObject([{ durations: 'unknown', vendor: null, timesAsLong: null, jobs: 20 }]);
  });

  it('tell of each class what the vendor says, what was learned, and how far the one is off the other', () => {
    const times = learnedFrom(Array.from({ length: 12 }, () => 116_190));
    const [only, ...others] = times.classes();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ ...of, durations: '32 s – 64 s', vendor: short, jobs: 12 });
    expect(only?.timesAsLong).toBeCloseTo(2, 1);
    expect(only?.stuckAfterMs).toBe(times.stuckAfterMs(of, short));
  });

  it('come from the same jobs whatever way these are read, each counted once', () => {
    const oneWorker = learnedFrom([80_000, 90_000, 100_000]);
    const another = learnedFrom([120_000, 130_000, 70_000], () => 1_001_500);
    const jobs = [...oneWorker.remembered(), ...another.remembered()];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...jobs, ...jobs], { minLength: jobs.length * 2 }),
        fc.nat(jobs.length),
        (order, at) => {
          const times = createLearnedTimes();
          times.remember(order.slice(0, at));
          times.remember(order.slice(at));
          const all = createLearnedTimes();
          all.remember(jobs);
          expect(times.classes()).toEqual(all.classes());
          expect(times.remembered()).toEqual(all.remembered());
        },
      ),
    );
  });

  it('forget what was learned until a moment', () => {
    const times = learnedFrom([150_000, 150_000, 150_000]);
    const [, second] = times.remembered();
    times.forget(second?.learnedAtMs ?? NaN);
    expect(times.remembered()).toHaveLength(1);
    expect(times.processingTime(of, short)).toEqual(short);
    times.forget(Infinity);
    expect(times.classes()).toEqual([]);
  });

  it('take no room without bound', () => {
    const times = learnedFrom(Array.from({ length: 3 * rememberedPerClass }, (_, job) => 50_000 + job));
    expect(times.remembered()).toHaveLength(rememberedPerClass);
    expect(times.remembered().at(-1)?.seen).toMatchObject({ endedAtMs: 50_000 + 3 * rememberedPerClass - 1 });
    for (let each = 0; each < 2 * mostClasses; each += 1) {
      times.learn({ provider: 'tiro', resource: String(each) }, short, told(60_000));
    }
    expect(times.classes()).toHaveLength(mostClasses);
  });

  it('do not take a clock that is ahead for the newest for ever', () => {
    const times = createLearnedTimes({ now: clock() });
    const ahead = createLearnedTimes({ now: () => Number.MAX_SAFE_INTEGER });
    for (let job = 0; job < rememberedPerClass; job += 1) ahead.learn(of, short, told(10_000));
    times.remember(ahead.remembered());
    for (let job = 0; job < rememberedPerClass; job += 1) times.learn(of, short, told(100_000));
    expect(times.processingTime(of, short)?.earliestMs).toBeGreaterThan(60_000);
  });

  it('go by what is seen now once a clock that was ahead is put right', () => {
    let nowMs = 5e12;
    const times = createLearnedTimes({ now: () => (nowMs += 1) });
    for (let job = 0; job < rememberedPerClass; job += 1) times.learn(of, short, told(10_000));
    nowMs = 1e12;
    for (let job = 0; job < rememberedPerClass; job += 1) times.learn(of, short, told(100_000));
    expect(times.processingTime(of, short)?.earliestMs).toBeGreaterThan(60_000);
    times.forget(nowMs);
    expect(times.classes()).toEqual([]);
  });

  const anyMs = fc.oneof(fc.double(), fc.constantFrom(0, 1e-9, 1e15, Number.MAX_VALUE, Infinity, NaN));
  const anyVendor = fc.option(fc.record({ earliestMs: anyMs, latestMs: anyMs }));
  const anySeen = fc.oneof(
    fc.record({ endedAtMs: anyMs, foundByFirstLook: fc.boolean() }),
    fc.record({ afterMs: anyMs, byMs: anyMs, foundByFirstLook: fc.boolean() }),
  );

  it('survive JSON and anything that is learned', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyVendor, anySeen)), (lessons) => {
        const times = createLearnedTimes({ now: clock() });
        for (const [vendor, seen] of lessons) times.learn(of, vendor, seen);
        const read = createLearnedTimes();
        read.remember(JSON.parse(JSON.stringify(times.remembered())) as ReturnType<typeof times.remembered>);
        expect(read.classes()).toEqual(times.classes());
        for (const [vendor] of lessons) {
          const time = times.processingTime(of, vendor);
          if (time !== vendor) expect(time?.earliestMs).toBeGreaterThanOrEqual(1);
          expect(times.stuckAfterMs(of, vendor) ?? 1).toBeGreaterThan(0);
        }
      }),
    );
  });
});
