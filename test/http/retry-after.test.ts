import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readDateMs, readRetryAfterMs } from '../../src/http/retry-after.ts';

const nowMs = Date.parse('2026-11-06T08:49:37Z');
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const serverTime = (offsetMs: number) => new Date(nowMs + offsetMs).toUTCString();
const epochSeconds = (offsetMs: number) => String((nowMs + offsetMs) / 1000);

describe('readRetryAfterMs', () => {
  test.each<[string, Record<string, string | string[]>, number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a part of a second', { 'retry-after': '0.5' }, 500],
    ['seconds with blanks around', { 'retry-after': ' 7 ' }, 7000],
    ['the first of several', { 'retry-after': ['3', '9'] }, 3000],
    ['a date', { 'retry-after': serverTime(30_000) }, 30_000],
    ['a date of RFC 850', { 'retry-after': 'Friday, 06-Nov-26 08:50:07 GMT' }, 30_000],
    ['a date of asctime, which is UTC', { 'retry-after': 'Fri Nov  6 08:50:07 2026' }, 30_000],
    ['a date of ISO 8601', { 'retry-after': '2026-11-06T08:50:07Z' }, 30_000],
    ['a reset at an epoch', { 'x-ratelimit-reset': epochSeconds(12_000) }, 12_000],
    ['a reset at an epoch with a fraction', { 'x-ratelimit-reset': `${epochSeconds(12_000)}.5` }, 12_500],
    ['a reset at an epoch in milliseconds', { 'x-ratelimit-reset': String(nowMs + 12_000) }, 12_000],
    ['a reset at an epoch in microseconds', { 'x-ratelimit-reset': `${String(nowMs + 12_000)}000` }, 12_000],
    ['a reset at an epoch in nanoseconds', { 'x-ratelimit-reset': `${String(nowMs + 12_000)}000000` }, 12_000],
    ['a reset at a date of ISO 8601', { 'x-ratelimit-reset': '2026-11-06T08:50:07Z' }, 30_000],
    ['a reset at a date without a zone, which is UTC', { 'ratelimit-reset': '2026-11-06 08:50:07' }, 30_000],
    ['a reset at an HTTP date', { 'x-rate-limit-reset': serverTime(30_000) }, 30_000],
    ['a reset in seconds from now', { 'x-ratelimit-reset': '12' }, 12_000],
    ['a reset in seconds and its window', { 'ratelimit-reset': '12;w=60' }, 12_000],
    ['a reset that says seconds', { 'x-ratelimit-reset-after': '1.5' }, 1500],
    ['a reset in milliseconds from now, which are too many seconds', { 'x-ratelimit-reset': '90000' }, 90_000],
    ['a reset that says milliseconds', { 'x-ratelimit-reset-ms': '1200' }, 1200],
    ['a wait that says milliseconds', { 'retry-after-ms': '1200', 'retry-after': '2' }, 1200],
    ['a wait as an epoch in milliseconds', { 'retry-after': String(nowMs + 7000) }, 7000],
    ['a wait of more than a day in seconds, cut to a day', { 'retry-after': '100000' }, dayMs],
    ['both, where Retry-After wins', { 'retry-after': '2', 'x-ratelimit-reset': '12' }, 2000],
    ['garbage beside a usable reset', { 'retry-after': 'soon 5', 'x-ratelimit-reset': '12' }, 12_000],
    [
      'a date with a clock an hour ahead',
      { date: serverTime(hourMs), 'retry-after': serverTime(hourMs + 30_000) },
      30_000,
    ],
    [
      'a date with a clock an hour behind',
      { date: serverTime(-hourMs), 'retry-after': serverTime(30_000 - hourMs) },
      30_000,
    ],
    [
      'a reset with a clock an hour ahead',
      { date: serverTime(hourMs), 'x-ratelimit-reset': epochSeconds(hourMs + 9000) },
      9000,
    ],
    ['an absurd number of seconds, cut to a day', { 'retry-after': '99999999999999999999' }, dayMs],
    ['an absurd date, cut to a day', { 'retry-after': 'Fri, 06 Nov 2126 08:49:37 GMT' }, dayMs],
    ['nothing', {}, undefined],
    ['an empty value', { 'retry-after': '' }, undefined],
    ['zero, which does not say how long', { 'retry-after': '0' }, undefined],
    ['a date that has passed', { 'retry-after': serverTime(-30_000) }, undefined],
    ['a reset that has passed', { 'x-ratelimit-reset': epochSeconds(-1000) }, undefined],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['words', { 'retry-after': 'in a while' }, undefined],
    ['words with a number', { 'retry-after': 'soon 5' }, undefined],
    ['a number with a unit', { 'retry-after': '5s' }, undefined],
    ['a reset in words', { 'x-ratelimit-reset': 'tomorrow' }, undefined],
  ])('reads %s', (_what, headers, expected) => {
    expect(readRetryAfterMs(headers, true, nowMs)).toBe(expected);
  });

  test.each<[string, Record<string, string>, number | undefined]>([
    ['quota that nobody says is used up', { 'x-ratelimit-reset': '82800' }, undefined],
    ['quota of which some is left', { 'x-ratelimit-reset': '82800', 'x-ratelimit-remaining': '993' }, undefined],
    ['quota whose rest is empty', { 'x-ratelimit-reset': '12', 'x-ratelimit-remaining': '' }, undefined],
    ['quota of which nothing is left', { 'x-ratelimit-reset': '12', 'x-ratelimit-remaining': '0' }, 12_000],
    [
      'quota of which nothing is left, by the newer name',
      { 'ratelimit-reset': '12', 'ratelimit-remaining': '0' },
      12_000,
    ],
    ['Retry-After', { 'retry-after': '7', 'x-ratelimit-reset': '82800' }, 7000],
  ])('reads on an error that is no 429 the %s', (_what, headers, expected) => {
    expect(readRetryAfterMs(headers, false, nowMs)).toBe(expected);
  });

  it('gives nothing or a positive time of at most a day, whatever the header', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (retryAfter, reset, date) => {
        const waitMs = readRetryAfterMs({ 'retry-after': retryAfter, 'x-ratelimit-reset': reset, date }, true, nowMs);
        expect(waitMs === undefined || (waitMs > 0 && waitMs <= dayMs)).toBe(true);
      }),
    );
  });
});

describe('readDateMs', () => {
  it('reads the clock of an answer and gives nothing where it has none', () => {
    expect(readDateMs({ date: serverTime(0) })).toBe(nowMs);
    expect(readDateMs({ date: 'today' })).toBeUndefined();
    expect(readDateMs({})).toBeUndefined();
  });
});
