import type { ProviderTimestamps } from '../snapshot.ts';

/** Keeps the times that a provider gave, as it wrote them, and leaves out those that are null or missing. */
export function readTimestamps(
  given: Partial<Record<keyof ProviderTimestamps, string | null | undefined>>,
): ProviderTimestamps {
  return Object.fromEntries(Object.entries(given).filter(([, time]) => typeof time === 'string'));
}
