import type { FailureType } from './failures.ts';
import type { JobNotice } from './job.ts';
import type { PipelineNotice } from './pipeline.ts';
import type { JobSnapshot, Phase } from '../snapshot.ts';

/** The signal by which a lifecycle tells its parents and the workflows in `notify` that it ended. */
export const jobFinishedSignal = 'jobFinished';

/** The arguments of the `jobFinished` signal. */
export type JobFinishedArguments = [notice: JobNotice];

/** The signal by which a pipeline tells its parent and the workflows in `notify` that it ended. */
export const pipelineFinishedSignal = 'pipelineFinished';

/** The arguments of the `pipelineFinished` signal. */
export type PipelineFinishedArguments = [notice: PipelineNotice];

/** The signal by which a wait tells its own workflow that the job has come to another phase. */
export const jobPhaseSignal = 'jobPhase';

/** What the `jobPhase` signal carries. */
export interface JobPhaseNews {
  snapshot: JobSnapshot;
  statusCalls: number;
}

/** The query for the steps of a pipeline, answered with a `PipelineSteps`. */
export const pipelineStepsQuery = 'pipelineSteps';

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
  /** Whether the job takes longer than 99.9 % of its kind have; absent in those of 0.2. */
  isLate?: boolean;
}

/** Errors that came one after the other, since the last progress. */
export interface ErrorRow {
  /** Of the last one; how many of this kind came in a row, and since when, epoch milliseconds. */
  kind: string;
  count: number;
  sinceMs: number;
  /** The failure that it would end the activity with; absent for an error that is none of ours. */
  type?: FailureType;
  /** How many errors of whatever kind, and since when, epoch milliseconds. */
  failures: number;
  beganMs: number;
  /** The last one in words. */
  words: string;
  /** The attempt that met it. */
  attempt: number;
  /** Whether a request of any of these attempts may have been taken all the same. */
  mayHaveHappened: boolean;
}

/** What an activity leaves to its next attempt in its heartbeat, and to who looks at it meanwhile. */
export interface HeartbeatDetails<M> {
  errors: ErrorRow | null;
  memory: M | null;
}

/** What 0.1 left of an attempt at a submission that certainly submitted nothing. */
function rowOfHarmless(attempt: number): ErrorRow {
  const words = 'the attempt submitted nothing';
  return {
    kind: 'unknown',
    count: 1,
    sinceMs: 0,
    failures: 1,
    beganMs: Date.now(),
    words,
    attempt,
    mayHaveHappened: false,
  };
}

/** Reads heartbeat details, also those of 0.1, which were the memory itself. */
export function readHeartbeat<M>(details: unknown): HeartbeatDetails<M> {
  if (typeof details !== 'object' || details === null) return { errors: null, memory: null };
  if ('errors' in details) return details as HeartbeatDetails<M>;
  if ('harmlessAttempt' in details) return { errors: rowOfHarmless(Number(details.harmlessAttempt)), memory: null };
  return { errors: null, memory: details as M };
}
