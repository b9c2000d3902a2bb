import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { readTimeMs } from './read-time.ts';

const dayMs = 24 * 3_600_000;

const waits = ['retry-after-ms', 'x-ms-retry-after-ms', 'retry-after'];
const resets = [
  'x-ratelimit-reset-after',
  'x-ratelimit-reset-ms',
  'x-ratelimit-reset',
  'x-rate-limit-reset',
  'ratelimit-reset',
];
const remainders = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining'];

function first(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim();
}

function readWaitMs(headers: IncomingHttpHeaders, name: string, serverNowMs: number): number | undefined {
  const text = first(headers[name]);
  if (text === undefined) return undefined;
  const amount = Number(/^(\d+(?:\.\d+)?)\s*(?:[,;]|$)/.exec(text)?.[1]);
  // A time from now is never as large as a date in this century.
  if (!(amount < 1e9)) return (readTimeMs(Number.isNaN(amount) ? text : amount) ?? NaN) - serverNowMs;
  const isMs = name.endsWith('-ms') || (resets.includes(name) && amount * 1000 > dayMs);
  return isMs ? amount : amount * 1000;
}

/**
 * How long the provider asks us to wait, in milliseconds and at most a day: `Retry-After` as seconds or as an HTTP
 * date (RFC 9110 section 10.2.3), else the reset of a quota, which counts only where the quota is used up. Moments are
 * read against the answer's own `Date`, so that a wrong clock does no harm. `undefined` where it says nothing usable.
 */
export function readRetryAfterMs(
  headers: IncomingHttpHeaders,
  isRateLimited: boolean,
  nowMs: number,
): number | undefined {
  const serverNowMs = readDateMs(headers) ?? nowMs;
  const isUsedUp = isRateLimited || remainders.some((name) => Number(first(headers[name]) || NaN) === 0);
  const waitMs = [...waits, ...(isUsedUp ? resets : [])]
    .map((name) => readWaitMs(headers, name, serverNowMs))
    .find((each) => each !== undefined && each > 0);
  return waitMs === undefined ? undefined : Math.min(dayMs, waitMs);
}

/** The answer's own clock from its `Date` header, in epoch milliseconds; `undefined` where it has none. */
export function readDateMs(headers: IncomingHttpHeaders): number | undefined {
  return readTimeMs(first(headers.date) ?? '');
}
