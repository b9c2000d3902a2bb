import { estimateStartMs } from '../../polling/estimate-start.ts';
import type { PollState } from '../../polling/poll-state.ts';
import type { Phase } from '../../snapshot.ts';

/** Whether a phase is one in which the provider has not begun with the job. */
export const isWaiting = (phase: Phase | null) => phase === 'queued' || phase === 'awaiting-upload';

/** What was known of a job before a look, and after it. */
export interface AnchorInput {
  before: PollState;
  after: PollState;
  /** Whether we began the job, and so know when. */
  isOurs: boolean;
  /** The provider's clock when it answered, epoch milliseconds. */
  providerNowMs: number;
  /** When this process looked before, epoch milliseconds; `null` where it did not. */
  lastLookAtMs: number | null;
}

/**
 * When the provider began with a job by our clock, epoch milliseconds; of one that waits for its turn, since when it does.
 * The provider's own time wins; where it gives none, a job that was queued at the last look began right after it. Asked
 * once for each phase: by clocks of whole seconds the start would move at each look.
 */
export function anchorMs({ before, after, isOurs, providerNowMs, lastLookAtMs }: AnchorInput): number {
  const { startedAtMs } = before;
  const phase = after.snapshot?.phase ?? null;
  const hadPhase = before.snapshot?.phase ?? null;
  if (before.snapshot !== null && phase === hadPhase) return startedAtMs;
  const { timestamps = {} } = after.snapshot ?? {};
  const { startedAt } = timestamps;
  const told = startedAt === undefined || isWaiting(phase) ? null : estimateStartMs({ startedAt }, providerNowMs);
  if (told !== null) return told;
  if (before.snapshot === null) return (isOurs ? null : estimateStartMs(timestamps, providerNowMs)) ?? startedAtMs;
  return isWaiting(hadPhase) && !isWaiting(phase) ? (lastLookAtMs ?? Date.now()) : startedAtMs;
}
