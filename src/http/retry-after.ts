import type { IncomingHttpHeaders } from 'undici/types/header.js';

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/**
 * How long the provider asks us to wait, in milliseconds: `Retry-After` as seconds or as an HTTP date
 * (RFC 9110 section 10.2.3, read against the answer's own `Date` so that a wrong clock does no harm), else
 * `X-RateLimit-Reset` as UTC epoch seconds or as seconds from now. `undefined` where it says nothing usable.
 */
export function readRetryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const serverNowMs = readDateMs(headers) ?? nowMs;
  const retryAfter = first(headers['retry-after'])?.trim();
  if (retryAfter !== undefined && retryAfter !== '') {
    if (/^\d+(\.\d+)?$/.test(retryAfter)) return Number(retryAfter) * 1000;
    const dateMs = Date.parse(retryAfter);
    if (!Number.isNaN(dateMs)) return Math.max(0, dateMs - serverNowMs);
  }
  const reset = first(headers['x-ratelimit-reset'])?.trim();
  if (reset === undefined || !/^\d+(\.\d+)?$/.test(reset)) return undefined;
  const seconds = Number(reset);
  // A count of seconds from now is never as large as a date in this century.
  return seconds > 1_000_000_000 ? Math.max(0, seconds * 1000 - serverNowMs) : seconds * 1000;
}

/** The answer's own clock from its `Date` header, in epoch milliseconds; `undefined` where it has none. */
export function readDateMs(headers: IncomingHttpHeaders): number | undefined {
  const date = first(headers.date);
  const dateMs = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(dateMs) ? undefined : dateMs;
}
