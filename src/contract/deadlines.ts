import { msToNumber } from '@temporalio/common/lib/time.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** How long the results of a job that has ended are tried for at least, whatever its deadline. */
export const collectWithinMs = dayMs;

/**
 * How long media may be on its way, the time in the queue included, where no deadline was given: longer than any
 * deadline that can be given, so that an activity with so much time knows that it has none.
 */
export const mediaWithinMs = 31 * dayMs;

/** What a wait may take past the deadline: the last look, which is made then, still has its attempt. */
export const waitMarginMs = 90_000;

/**
 * A caller's deadline in milliseconds, read as everywhere (`10m`, or a number of milliseconds) but fit for a workflow's
 * sandbox; `null` where none was given, or what was given is no length of time.
 */
export function readDeadlineMs(deadline: unknown): number | null {
  if (typeof deadline !== 'string' && typeof deadline !== 'number') return null;
  try {
    const parsedMs = msToNumber(deadline as Parameters<typeof msToNumber>[0]);
    return Number.isFinite(parsedMs) && parsedMs > 0 ? parsedMs : null;
  } catch {
    return null;
  }
}

/**
 * When the server ends a workflow that did not end itself: behind the deadline and the time that results are tried for;
 * where the deadline is a default, which counts from when the media is at the provider, behind the way there too.
 */
export function executionTimeoutMs(deadlineMs: number, isDefault: boolean): number {
  return deadlineMs + collectWithinMs + 15 * minuteMs + (isDefault ? mediaWithinMs : 0);
}

/** The inverse of `executionTimeoutMs` for a deadline that was given; `null` for a default one. */
export function deadlineOfTimeoutMs(timeoutMs: number): number | null {
  const givenMs = timeoutMs - executionTimeoutMs(0, false);
  return givenMs > 0 && givenMs < mediaWithinMs ? givenMs : null;
}
