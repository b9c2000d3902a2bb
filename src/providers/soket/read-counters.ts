import type { Phase, Progress } from '../../snapshot.ts';

/** How many files of an upload or a batch stand where; `undefined` where Soket does not say. */
export interface Counters {
  total: number | undefined;
  completed: number | undefined;
  failed: number | undefined;
  /** Whether any file that has not ended is being worked on. */
  begun: boolean;
  /** Whether the counters are complete and add up to the total. */
  addUp: boolean;
}

/** What the counters say. */
export interface CountersReading {
  phase: Phase | null;
  progress: Progress | null;
  /** How many files failed, in words; `null` where none did. */
  message: string | null;
}

const nothing: CountersReading = { phase: null, progress: null, message: null };

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

function phaseOf(counts: { total: number; completed: number; failed: number }, begun: boolean): Phase {
  const { total, completed, failed } = counts;
  if (completed + failed < total) return begun || completed + failed > 0 ? 'running' : 'queued';
  if (failed === 0) return 'succeeded';
  return completed === 0 ? 'failed' : 'partially-succeeded';
}

/**
 * Reads a phase from counters alone, since Soket publishes no full list of status words and its `files` may be
 * incomplete. Counters that are missing, all zero, or do not add up say nothing, so they never end a job.
 */
export function readCounters({ total, completed, failed, begun, addUp }: Counters): CountersReading {
  if (!isCount(total) || !isCount(completed) || !isCount(failed) || total === 0 || !addUp) return nothing;
  if (completed + failed > total) return nothing;
  return {
    phase: phaseOf({ total, completed, failed }, begun),
    progress: { done: completed + failed, total, unit: 'files' },
    message: failed === 0 ? null : `${String(failed)} of ${String(total)} files failed`,
  };
}
