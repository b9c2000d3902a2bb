import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatDuration, parseDurationMs } from '../../src/polling/duration.ts';

describe('parseDurationMs', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['2 hours', 7_200_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['250', 250],
    [250, 250],
  ])('reads %j', (value, durationMs) => {
    expect(parseDurationMs(value)).toBe(durationMs);
  });

  test.each(['', ' ', 'soon', '-5s', '0', 0, -1, NaN, Infinity, '10x', 'x'.repeat(200)])(
    'takes %j for no length of time',
    (value) => {
      expect(parseDurationMs(value)).toBeNull();
    },
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const durationMs = parseDurationMs(text);
        expect(durationMs === null || durationMs > 0).toBe(true);
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [999.6, '1 s'],
    [1000, '1 s'],
    [9500, '9.5 s'],
    [89_000, '89 s'],
    [89_999, '90 s'],
    [720_000, '12 min'],
    [5_399_999, '90 min'],
    [11_520_000, '3.2 h'],
  ])('writes %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});
