const iso =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?:Z|UTC|GMT|([+-]\d{2})(?::?(\d{2}))?)?)?$/i;
const number = /^\d+(\.\d+)?$/;

/**
 * Reads a moment as epoch milliseconds: ISO 8601 (UTC where it names no zone), an HTTP date, or an epoch in seconds,
 * milliseconds, microseconds or nanoseconds, told apart by size. `undefined` for what is none of them.
 */
export function readTimeMs(value: string | number): number | undefined {
  const text = String(value).trim();
  if (typeof value === 'number' || number.test(text)) {
    const epoch = Number(text);
    if (epoch < 1e11) return epoch * 1000;
    return epoch < 1e14 ? epoch : epoch / (epoch < 1e17 ? 1e3 : 1e6);
  }
  const [, date, time = '00:00', hours, minutes = '00'] = iso.exec(text) ?? [];
  // `Date.parse` takes nearly any text with a number in it for a date, and a time without a zone for local time.
  const isHttpDate = /^[a-z]{3,9}\b.*\d{2}:\d{2}:\d{2}/i.test(text);
  const httpDate = isHttpDate ? (/(?:\s\d{4}|:\d{2})$/.test(text) ? `${text} GMT` : text) : '';
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const timeMs = Date.parse(date === undefined ? httpDate : `${date}T${time}${zone}`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
