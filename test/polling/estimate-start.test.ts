import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import type { ProviderTimestamps } from '../../src/snapshot.ts';
import { estimateStartMs } from '../../src/polling/estimate-start.ts';

const nowMs = Date.parse('2026-11-06T12:00:00Z');
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A provider's time so many milliseconds before our now, ISO 8601. */
const ago = (ms: number) => new Date(nowMs - ms).toISOString();

describe('the start of a job that somebody else began', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  });
  afterAll(() => {
    vi.useRealTimers();
  });

  test.each<[string, ProviderTimestamps, number]>([
    ['its start', { startedAt: ago(2 * minuteMs) }, 2],
    ['its upload', { uploadedAt: ago(3 * minuteMs) }, 3],
    ['its creation', { createdAt: ago(4 * minuteMs) }, 4],
    [
      'its start before all others',
      { createdAt: ago(4 * minuteMs), uploadedAt: ago(3 * minuteMs), startedAt: ago(2 * minuteMs) },
      2,
    ],
    ['its upload before its creation', { createdAt: ago(4 * minuteMs), uploadedAt: ago(3 * minuteMs) }, 3],
    ['its start, in another zone', { startedAt: '2026-11-06T20:55:00+09:00' }, 5],
  ])('is told by %s', (_what, timestamps, minutes) => {
    expect(estimateStartMs(timestamps, nowMs)).toBe(nowMs - minutes * minuteMs);
  });

  test.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
    ['years ahead', 4000 * dayMs],
    ['years behind', -4000 * dayMs],
  ])('is right by our clock where the provider’s clock is %s', (_what, aheadMs) => {
    const startedAt = new Date(nowMs + aheadMs - 90_000).toISOString();
    expect(estimateStartMs({ startedAt }, nowMs + aheadMs)).toBe(nowMs - 90_000);
  });

  test.each<[string, ProviderTimestamps]>([
    ['no times', {}],
    ['only times of its end', { finishedAt: ago(minuteMs), updatedAt: ago(minuteMs) }],
    ['an empty text', { startedAt: '' }],
    ['no date', { startedAt: 'soon' }],
    ['a day that is none', { startedAt: '2026-13-45T99:99:99Z' }],
    ['nonsense before a good time', { startedAt: 'soon', createdAt: ago(minuteMs) }],
    ['a moment to come', { startedAt: ago(-1) }],
    ['an age of 30 days', { startedAt: ago(30 * dayMs) }],
    ['the zero of its language', { startedAt: '0001-01-01T00:00:00Z' }],
  ])('is not known from %s', (_what, timestamps) => {
    expect(estimateStartMs(timestamps, nowMs)).toBeNull();
  });

  it('may be this very moment, or nearly 30 days ago', () => {
    expect(estimateStartMs({ startedAt: ago(0) }, nowMs)).toBe(nowMs);
    expect(estimateStartMs({ startedAt: ago(30 * dayMs - 1) }, nowMs)).toBe(nowMs - 30 * dayMs + 1);
  });
});
