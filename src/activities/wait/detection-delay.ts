import { activityInfo } from '@temporalio/activity';
import type { AnchorInput } from './anchor.ts';

/**
 * How long after its end at the provider a job was found to have ended, in milliseconds; `null` where the provider does not tell
 * its end, or nobody was waiting for it: a job that others began may have ended long before anybody asked.
 */
export function detectionDelayMs({ before, after, isOurs, providerNowMs }: AnchorInput): number | null {
  const finishedMs = Date.parse(after.snapshot?.timestamps.finishedAt ?? '');
  if (Number.isNaN(finishedMs) || (before.snapshot === null && !isOurs)) return null;
  // The clock of an answer has whole seconds. What ended before its wait began, as one that was resumed may have, is late from then on.
  const waitedMs = Date.now() - activityInfo().scheduledTimestampMs;
  return Math.max(0, Math.min(providerNowMs - finishedMs, waitedMs));
}
