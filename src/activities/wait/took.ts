import type { Observation } from '../../polling/learning.ts';
import { type AnchorInput, isWaiting } from './anchor.ts';

const timeOf = (text: string | undefined) => Date.parse(text ?? '');

/**
 * How long a job that succeeded took from when the provider began with it, in milliseconds: to the moment where the provider
 * tells it, else to some moment between two looks. `null` for a job that others began and that says nothing of its times.
 */
export function tookMs({ before, after, isOurs, providerNowMs, lastLookAtMs }: AnchorInput): Observation | null {
  const { timestamps = {} } = after.snapshot ?? {};
  const [startedMs, finishedMs] = [timeOf(timestamps.startedAt), timeOf(timestamps.finishedAt)];
  const hadPhase = before.snapshot?.phase ?? null;
  const foundByFirstLook = before.snapshot === null || isWaiting(hadPhase);
  if (finishedMs > startedMs) return { endedAtMs: finishedMs - startedMs, foundByFirstLook };
  const nowMs = Date.now();
  const beganMs = beganAtMs({ before, isOurs, lastLookAtMs });
  if (beganMs === null) return null;
  const endedMs = nowMs - (providerNowMs - finishedMs);
  const isTold = endedMs > beganMs && endedMs <= nowMs;
  // One that was queued at the last look may have begun at any time since.
  if (isTold && isWaiting(hadPhase)) return { afterMs: 0, byMs: endedMs - beganMs, foundByFirstLook };
  if (isTold) return { endedAtMs: endedMs - beganMs, foundByFirstLook };
  const afterMs = foundByFirstLook || lastLookAtMs === null ? 0 : Math.max(0, lastLookAtMs - beganMs);
  return nowMs > beganMs ? { afterMs, byMs: nowMs - beganMs, foundByFirstLook } : null;
}

/** Of a job that was queued at the last look and has ended since, nobody knows when it began, but not before that look. */
function beganAtMs({ before, isOurs, lastLookAtMs }: Omit<AnchorInput, 'providerNowMs' | 'after'>): number | null {
  if (isWaiting(before.snapshot?.phase ?? null)) return lastLookAtMs;
  return isOurs ? before.startedAtMs : null;
}
