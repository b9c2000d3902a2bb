import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { backOffDelayMs } from '../../src/polling/back-off.ts';

const zero = () => 0;
const nearlyOne = () => 1 - Number.EPSILON;

describe('backOffDelayMs', () => {
  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [6, 32_000],
    [7, 60_000],
    [1000, 60_000],
  ])('after %i errors in a row is at most %i ms and may be as short as the floor', (consecutive, longestMs) => {
    expect(backOffDelayMs(consecutive, nearlyOne)).toBeCloseTo(longestMs, 3);
    expect(backOffDelayMs(consecutive, zero)).toBe(250);
  });

  it('keeps within its floor and cap for any count and dice', () => {
    const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 1_000_000 }), dice, (consecutive, die) => {
        const delayMs = backOffDelayMs(consecutive, () => die, { firstMs: 500, capMs: 8000, floorMs: 300 });
        expect(delayMs).toBeGreaterThanOrEqual(300);
        expect(delayMs).toBeLessThanOrEqual(8000);
      }),
    );
  });
});
