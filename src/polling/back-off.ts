/**
 * Exponential back-off with full jitter, in milliseconds: uniform between 0 and the doubled step, and never under
 * the floor (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function backOffDelayMs(
  consecutive: number,
  random: () => number,
  options: { firstMs?: number; capMs?: number; floorMs?: number } = {},
): number {
  const { firstMs = 1000, capMs = 60_000, floorMs = 250 } = options;
  const step = Math.min(capMs, firstMs * 2 ** Math.min(30, Math.max(0, consecutive - 1)));
  return Math.max(floorMs, random() * step);
}
