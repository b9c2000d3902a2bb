import ms from 'ms';

/**
 * Reads a duration as people write it (`90s`, `10m`, `2 hours`) or as a number of milliseconds.
 * @returns milliseconds, or `null` for anything that is not a positive length of time.
 */
export function parseDurationMs(value: string | number): number | null {
  const parsed = typeof value === 'number' ? value : value.trim() === '' ? NaN : ms(value as ms.StringValue);
  return Number.isFinite(parsed) && parsed > 0 ? parsed : null;
}

/** Writes a duration for people, to two digits of what matters: `850 ms`, `9.5 s`, `12 min`, `3.2 h`. */
export function formatDuration(durationMs: number): string {
  const round = (value: number) => String(value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value));
  if (Math.round(durationMs) < 1000) return `${String(Math.round(durationMs))} ms`;
  if (durationMs < 90_000) return `${round(durationMs / 1000)} s`;
  if (durationMs < 90 * 60_000) return `${round(durationMs / 60_000)} min`;
  return `${round(durationMs / 3_600_000)} h`;
}
