import { type JobSnapshot, type Phase, isBackwards, isTerminal } from '../snapshot.ts';

/** What one wait knows; travels from attempt to attempt in the heartbeat, so it stays well under 2 KiB. */
export interface PollState {
  /** Status requests made so far. */
  calls: number;
  /** When the job began by our clock, epoch milliseconds. */
  startedAtMs: number;
  /** The last good answer. */
  snapshot: JobSnapshot | null;
  /** Since when the provider has said this status word, epoch milliseconds. */
  statusSinceMs: number | null;
}

/** The state before this resource was asked; `calls` counts those of the same job's earlier waits. */
export function initialPollState(startedAtMs: number, calls = 0): PollState {
  return { calls, startedAtMs, snapshot: null, statusSinceMs: null };
}

function settlePhase(before: Phase | null, seen: Phase | null, allowsBackwards: boolean): Phase | null {
  if (seen === null) return before;
  if (isTerminal(before)) return before;
  return isBackwards(before, seen) && !allowsBackwards ? before : seen;
}

/**
 * Takes a good answer in. A status that nobody knows leaves the phase as it was; so does one that goes backwards,
 * unless the provider is known to do that.
 */
export function afterAnswer(state: PollState, seen: JobSnapshot, allowsBackwards: boolean, nowMs: number): PollState {
  const before = state.snapshot;
  return {
    ...state,
    snapshot: { ...seen, phase: settlePhase(before?.phase ?? null, seen.phase, allowsBackwards) },
    statusSinceMs: before?.status === seen.status ? state.statusSinceMs : nowMs,
  };
}
