import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LookPlanner, type PlannedJob, type Standing } from '../../src/polling/look-planner.ts';

const startedAtMs = Date.parse('2026-11-06T12:00:00Z');
const job: PlannedJob = {
  ...{ provider: 'tiro', resource: 'voice-file-job', id: 'job-1' },
  limits: { floorMs: 2000, capMs: 30_000 },
  processingTime: { earliestMs: 60_000, latestMs: 180_000 },
};
const runs: Standing = { startedAtMs, isQueued: false, isFirst: false, calls: 1, progress: null };

describe('the planner of looks', () => {
  let looks: LookPlanner;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: startedAtMs });
    looks = new LookPlanner({ timeScale: 1, random: () => 0.5 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const at = (seconds: number) => vi.setSystemTime(startedAtMs + seconds * 1000);

  it('plans a job that waits for its turn as if its turn came just now', () => {
    const first = looks.firstLookInMs(job);
    at(45);
    expect(looks.nextLookInMs(job, { ...runs, isQueued: true })).toBe(first);
    at(90);
    expect(looks.nextLookInMs(job, { ...runs, isQueued: true })).toBe(first);
  });

  it('asks one that has waited for long no more often than each tenth of that, or the cap', () => {
    const quick = { ...job, processingTime: { earliestMs: 2000, latestMs: 4000 } };
    at(200);
    expect(looks.nextLookInMs(quick, { ...runs, isQueued: true })).toBe(20_000);
    at(7200);
    expect(looks.nextLookInMs(quick, { ...runs, isQueued: true })).toBe(30_000);
  });

  it('divides by the time scale, and counts age by it', () => {
    const hurried = new LookPlanner({ timeScale: 10, random: () => 0.5 });
    expect(hurried.firstLookInMs(job)).toBeCloseTo(looks.firstLookInMs(job) / 10);
    at(10);
    const tenth = hurried.nextLookInMs(job, runs);
    at(100);
    expect(tenth).toBeCloseTo(looks.nextLookInMs(job, runs) / 10);
  });

  it('goes by the parts that are done where they tell the pace', () => {
    at(60);
    const slow = looks.nextLookInMs(job, { ...runs, progress: { done: 10, total: 100, unit: 'files' } });
    const quick = looks.nextLookInMs(job, { ...runs, progress: { done: 95, total: 100, unit: 'files' } });
    expect(slow).toBeGreaterThan(quick);
  });

  it('pays more for a look where looks go out late, and finds back within five that are on time', () => {
    const delayAt = (seconds: number) => {
      at(seconds);
      return looks.nextLookInMs({ ...job, id: 'other' }, { ...runs, isFirst: true });
    };
    const usual = delayAt(100);
    // Each look of many jobs goes out half a minute after the one before, which was to be a few seconds.
    for (let index = 0; index < 200; index += 1) {
      at(100);
      looks.nextLookInMs({ ...job, id: `late-${String(index)}` }, runs);
      at(130);
      looks.nextLookInMs({ ...job, id: `late-${String(index)}` }, { ...runs, calls: 2 });
    }
    const dear = delayAt(100);
    expect(dear).toBeGreaterThan(usual * 1.5);
    expect(looks.nextLookInMs({ ...job, credential: 'another key' }, { ...runs, isFirst: true })).toBeLessThan(dear);
    // Five looks at each that go out when they were planned.
    let nextAtS = Array.from({ length: 200 }, () => 100);
    for (let calls = 1; calls <= 5; calls += 1) {
      nextAtS = nextAtS.map((seconds, index) => {
        at(seconds);
        return seconds + looks.nextLookInMs({ ...job, id: `punctual-${String(index)}` }, { ...runs, calls }) / 1000;
      });
    }
    expect(delayAt(100)).toBeLessThan(usual * 1.3);
  });

  it('takes nothing of an earlier wait for the same job into the first look of the next one', () => {
    looks.nextLookInMs(job, { ...runs, isFirst: true });
    at(3605);
    // Resumed, an hour later; a look that failed was counted before this one.
    const next = looks.nextLookInMs(job, { ...runs, startedAtMs: startedAtMs + 3_600_000, isFirst: true, calls: 2 });
    expect(next).toBeGreaterThanOrEqual(job.limits.floorMs);
    expect(next).toBeLessThanOrEqual(3_600_000);
  });

  it('learns from jobs that succeeded, and plans by it', () => {
    const before = looks.firstLookInMs(job);
    for (let index = 0; index < 12; index += 1) {
      looks.ended({ ...job, id: String(index) }, { endedAtMs: 250_000, foundByFirstLook: false });
    }
    expect(looks.firstLookInMs(job)).toBeGreaterThan(before * 1.5);
    expect(looks.firstLookInMs({ ...job, resource: 'other' })).toBe(before);
  });

  it('says of a job that it takes longer than nearly all of its kind, once enough of them were seen', () => {
    expect(looks.isLate(job, startedAtMs - 86_400_000)).toBe(false);
    for (let index = 0; index < 12; index += 1) {
      looks.ended({ ...job, id: String(index) }, { endedAtMs: 100_000, foundByFirstLook: false });
    }
    expect(looks.isLate(job, startedAtMs - 150_000)).toBe(false);
    expect(looks.isLate(job, startedAtMs - 86_400_000)).toBe(true);
  });

  it('takes no look of its own for the last one where others have looked since, neither for the price nor for the start', () => {
    at(70);
    looks.nextLookInMs(job, { ...runs, calls: 3 });
    expect(looks.lastLookAtMs(job, 3)).toBe(startedAtMs + 70_000);
    expect(looks.lastLookAtMs(job, 7)).toBeNull();
    const usual = looks.nextLookInMs({ ...job, id: 'other' }, { ...runs, isFirst: true });
    for (let index = 0; index < 200; index += 1) {
      at(100);
      looks.nextLookInMs({ ...job, id: `shared-${String(index)}` }, { ...runs, calls: 4 });
      at(160);
      looks.nextLookInMs({ ...job, id: `shared-${String(index)}` }, { ...runs, calls: 9 });
    }
    at(70);
    // But for what these two looks themselves teach.
    expect(looks.nextLookInMs({ ...job, id: 'other' }, { ...runs, isFirst: true }) / usual).toBeCloseTo(1, 2);
  });

  it('knows when it has looked last, until the job has ended', () => {
    expect(looks.lastLookAtMs(job, 1)).toBeNull();
    at(70);
    looks.nextLookInMs(job, runs);
    expect(looks.lastLookAtMs(job, 1)).toBe(startedAtMs + 70_000);
    looks.ended(job, null);
    expect(looks.lastLookAtMs(job, 1)).toBeNull();
  });

  it('keeps the last looks at twenty thousand jobs and forgets the oldest', () => {
    for (let index = 0; index <= 20_000; index += 1) looks.nextLookInMs({ ...job, id: String(index) }, runs);
    expect(looks.lastLookAtMs({ ...job, id: '0' }, 1)).toBeNull();
    expect(looks.lastLookAtMs({ ...job, id: '1' }, 1)).not.toBeNull();
  });
});
