import type { JobNotice } from './job.ts';
import type { JobSnapshot, Phase } from '../snapshot.ts';

/** The signal by which a lifecycle tells its parents and the workflows in `notify` that it ended. */
export const jobFinishedSignal = 'jobFinished';

/** The arguments of the `jobFinished` signal. */
export type JobFinishedArguments = [notice: JobNotice];

/** The query for what a lifecycle knows about its job. */
export const jobSnapshotQuery = 'jobSnapshot';

/** The answer to the `jobSnapshot` query: as of the last change of phase, not of the last look. */
export interface JobState {
  /** What the lifecycle is doing, in plain words. */
  stage: string;
  jobId: string | null;
  phase: Phase | null;
  statusCalls: number;
  snapshot: JobSnapshot | null;
}

/** What a wait's failures carry as their one detail. */
export interface WaitDetails {
  snapshot: JobSnapshot | null;
  statusCalls: number;
  /** When the next look is due, ISO 8601; `null` where there is none. */
  nextLookAt: string | null;
}
