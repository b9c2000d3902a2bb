import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a condition gives something other than `undefined`, `null` or `false`; fails after the time-out. Asks every 50 ms unless told. */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 20_000,
  everyMs = 50,
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${String(timeoutMs)} ms in vain until ${what}`);
    await delay(everyMs);
  }
}
