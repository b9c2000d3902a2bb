import { type JobSnapshot, type Phase, isBackwards, isTerminal } from '../snapshot.ts';

/**
 * What one wait knows. It travels from attempt to attempt in the heartbeat, which costs an Action, so it is written only
 * where something of it changes that cannot be told from the attempt's number; and it stays well under 2 KiB.
 */
export interface PollState {
  /** Status requests made so far. */
  calls: number;
  /** The attempt that knew so; each one after it made one request. Absent where another activity did. */
  attempt?: number;
  /** When the provider began with the job by our clock, epoch milliseconds. */
  startedAtMs: number;
  /** The last good answer that was news. */
  snapshot: JobSnapshot | null;
  /** Since when the provider has said this status word, epoch milliseconds. */
  statusSinceMs: number | null;
  /** The phase that the workflow was told by a signal. */
  toldPhase?: Phase | null;
  /** Whether the job was begun by this wait. */
  hasBegun?: boolean;
  /** Whether it was said already that the job takes longer than nearly all of its kind. */
  isLate?: boolean;
}

/** The state before this resource was asked; `calls` counts those of the same job's earlier waits. */
export function initialPollState(startedAtMs: number, calls = 0): PollState {
  return { calls, startedAtMs, snapshot: null, statusSinceMs: null };
}

/** The state as an attempt finds it: each attempt since it was written has made a request. */
export function recallPollState(state: PollState, attempt: number): PollState {
  const { attempt: writtenBy = attempt - 1 } = state;
  const since = Math.max(0, attempt - 1 - writtenBy);
  return { ...state, calls: state.calls + since, attempt: attempt - 1 };
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

/** Whether the next attempt must be told of a state, and cannot tell it from the one that it has. */
export function isNews(known: PollState | null, state: PollState): boolean {
  // An operator's reset lets attempts count from 1 again.
  if (known?.attempt === undefined || known.attempt >= (state.attempt ?? 0)) return true;
  const [before, after] = [known.snapshot, state.snapshot];
  if (before?.status !== after?.status || before?.phase !== after?.phase) return true;
  return (
    known.startedAtMs !== state.startedAtMs ||
    known.toldPhase !== state.toldPhase ||
    known.hasBegun !== state.hasBegun ||
    known.isLate !== state.isLate
  );
}
