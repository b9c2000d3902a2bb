import type { IncomingHttpHeaders } from 'undici/types/header.js';

const dayMs = 24 * 3_600_000;
const amount = /^\d+(\.\d+)?$/;

function first(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value)?.trim();
}

// `Date.parse` takes nearly any text with a number in it for a date, and a time without a zone for local time.
function parseHttpDateMs(text: string): number {
  if (!/\d{2}:\d{2}:\d{2}/.test(text)) return Number.NaN;
  return Date.parse(/^[a-z]{3} .*\d{4}$/i.test(text) ? `${text} GMT` : text);
}

function readWaitMs(text: string | undefined, serverNowMs: number): number | undefined {
  if (text === undefined) return undefined;
  return amount.test(text) ? Number(text) * 1000 : parseHttpDateMs(text) - serverNowMs;
}

function readResetMs(text: string | undefined, serverNowMs: number): number | undefined {
  if (text === undefined || !amount.test(text)) return undefined;
  const seconds = Number(text);
  // A count of seconds from now is never as large as a date in this century.
  return seconds > 1_000_000_000 ? seconds * 1000 - serverNowMs : seconds * 1000;
}

/**
 * How long the provider asks us to wait, in milliseconds and at most a day: `Retry-After` as seconds or as an HTTP
 * date (RFC 9110 section 10.2.3, read against the answer's own `Date` so that a wrong clock does no harm), else
 * `X-RateLimit-Reset` as UTC epoch seconds or as seconds from now. `undefined` where it says nothing usable, such as
 * a moment that has passed.
 */
export function readRetryAfterMs(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const serverNowMs = readDateMs(headers) ?? nowMs;
  const waits = [
    readWaitMs(first(headers['retry-after']), serverNowMs),
    readResetMs(first(headers['x-ratelimit-reset']), serverNowMs),
  ];
  const waitMs = waits.find((each) => each !== undefined && each > 0);
  return waitMs === undefined ? undefined : Math.min(dayMs, waitMs);
}

/** The answer's own clock from its `Date` header, in epoch milliseconds; `undefined` where it has none. */
export function readDateMs(headers: IncomingHttpHeaders): number | undefined {
  const dateMs = parseHttpDateMs(first(headers.date) ?? '');
  return Number.isNaN(dateMs) ? undefined : dateMs;
}
