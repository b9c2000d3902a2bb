import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readTimeMs } from '../../src/http/read-time.ts';

const atMs = Date.parse('2026-11-01T10:00:00Z');

describe('readTimeMs', () => {
  test.each<[string | number, number]>([
    ['2026-11-01T10:00:00Z', atMs],
    ['2026-11-01T12:00:00+02:00', atMs],
    ['2026-11-01 15:30:00+0530', atMs],
    ['2026-11-01T12:00:00+02', atMs],
    ['2026-11-01T10:00:00', atMs],
    ['2026-11-01 10:00:00', atMs],
    ['2026-11-01 10:00:00 UTC', atMs],
    ['2026-11-01T10:00', atMs],
    ['2026-11-01T10:00:00.250', atMs + 250],
    ['2026-11-01 10:00:00.250999', atMs + 250],
    ['2026-11-01T10:00:00.250999123Z', atMs + 250],
    ['2026-11-01', atMs - 36_000_000],
    ['Sun, 01 Nov 2026 10:00:00 GMT', atMs],
    ['Sun Nov  1 10:00:00 2026', atMs],
    ['Sun, 01 Nov 2026 12:00:00 +0200', atMs],
    ['Sun, 01 Nov 2026 04:30:00 -0530', atMs],
    ['Sun, 01 Nov 2026 12:00:00 GMT+0200', atMs],
    [' 2026-11-01T10:00:00Z ', atMs],
    [atMs, atMs],
    [atMs / 1000, atMs],
    [atMs / 1000 + 0.5, atMs + 500],
    [String(atMs), atMs],
    [`${String(atMs)}123`, atMs + 0.123],
    [`${String(atMs)}000000`, atMs],
  ])('reads %j', (given, expected) => {
    expect(readTimeMs(given)).toBeCloseTo(expected, 2);
  });

  test.each(['', 'never 1', 'soon', '2026', '11/01/2026', '2026-13-01T10:00:00Z', '2026-11-01T25:00:00', '5 minutes'])(
    'does not take %j for a moment of this century',
    (given) => {
      expect(readTimeMs(given) ?? 0).toBeLessThan(Date.UTC(2000));
    },
  );

  it('reads no time without a zone by the zone of this machine', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Seoul';
    try {
      expect(readTimeMs('2026-11-01T10:00:00')).toBe(atMs);
      expect(readTimeMs('Sun Nov  1 10:00:00 2026')).toBe(atMs);
      expect(readTimeMs('Sun, 01 Nov 2026 10:00:00')).toBe(atMs);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.double()), (given) => {
        expect(['number', 'undefined']).toContain(typeof readTimeMs(given));
      }),
    );
  });
});
