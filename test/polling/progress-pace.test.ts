import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withProgress } from '../../src/polling/progress-pace.ts';

const estimate = { earliestMs: 60_000, latestMs: 180_000 };
const files = (done: number, total: number) => ({ done, total, unit: 'files' });
const middle = (time: ReturnType<typeof withProgress>) => Math.sqrt((time?.earliestMs ?? 0) * (time?.latestMs ?? 0));

describe('an estimate that is joined with progress', () => {
  it('comes to the pace of the parts, the more of them are done', () => {
    // At this pace the whole takes 400 s, where 104 were estimated.
    const few = middle(withProgress(estimate, files(2, 100), 8000));
    const many = middle(withProgress(estimate, files(50, 100), 200_000));
    expect(few).toBeGreaterThan(middle(estimate));
    expect(many).toBeGreaterThan(few);
    expect(Math.abs(Math.log(many / 400_000))).toBeLessThan(0.25);
  });

  it('is surer than either', () => {
    const joined = withProgress(estimate, files(20, 100), 20_000);
    const spread = (joined?.latestMs ?? 0) / (joined?.earliestMs ?? 1);
    expect(spread).toBeLessThan(3);
    const alone = withProgress(null, files(20, 100), 20_000);
    expect(spread).toBeLessThan((alone?.latestMs ?? 0) / (alone?.earliestMs ?? 1));
  });

  it('is the estimate alone where the parts tell nothing', () => {
    for (const progress of [files(0, 10), files(10, 10), files(-1, 10), files(NaN, 10), files(1, Infinity)]) {
      expect(withProgress(estimate, progress, 1000)).toBe(estimate);
    }
    expect(withProgress(null, files(1, 2), 0)).toBeNull();
  });

  it('is positive and in order, whatever is told', () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(), fc.constantFrom(0, 1, 1e15));
    const any = fc.option(fc.record({ earliestMs: number, latestMs: number }));
    fc.assert(
      fc.property(any, number, number, fc.double({ noNaN: true }), (known, done, total, elapsedMs) => {
        const joined = withProgress(known, files(done, total), elapsedMs);
        if (joined === known || joined === null) return;
        expect(joined.earliestMs).toBeGreaterThan(0);
        expect(joined.latestMs).toBeGreaterThanOrEqual(joined.earliestMs);
      }),
      { numRuns: 2000 },
    );
  });
});
