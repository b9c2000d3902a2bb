import type { JobSnapshot } from '../snapshot.ts';

const mostAgeMs = 30 * 24 * 3_600_000;

/**
 * When a job that somebody else began did so by our clock, epoch milliseconds: its age by the provider's own times and
 * its own clock; null where they do not say, or say what cannot be.
 */
export function estimateStartMs(timestamps: JobSnapshot['timestamps'], providerNowMs: number): number | null {
  const began = Date.parse(timestamps.startedAt ?? timestamps.uploadedAt ?? timestamps.createdAt ?? '');
  const ageMs = providerNowMs - began;
  return ageMs >= 0 && ageMs < mostAgeMs ? Date.now() - ageMs : null;
}
