import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';
import type { Again } from './again.ts';
import type { JobResult } from './job.ts';

/** A job under a key that is taken, and what is wanted of it. */
export interface LookAtJobInput {
  workflowId: string;
  provider: LifecycleProvider;
  /** What it would be started with. */
  input: unknown;
  /** Whether one that failed goes on where it stopped, as far as that is possible. */
  resumes: boolean;
  /** Set where the pipeline of the job is run again. */
  again?: Again | undefined;
  /** Whether `partially-succeeded` is a success. */
  acceptPartial?: boolean | undefined;
}

/**
 * What becomes of a job that exists: it is joined, `isOurs` where it runs by our own doing, or its id is free, `anew` where
 * it completed all the same.
 */
export type ExistingJob = { kind: 'joined'; runId: string; isOurs: boolean } | { kind: 'free'; anew: boolean };

/** Which steps of a pipeline that is run again have succeeded and which still run. */
export interface FindStepsInput {
  steps: { workflowId: string; provider: LifecycleProvider; acceptPartial: boolean }[];
}

/** Where the job of a step stands. */
export type StepState = 'succeeded' | 'running' | 'other';

/** What is asked about jobs that exist already; served on the main queue. */
export interface ExistingJobActivities {
  lookAtJob(input: LookAtJobInput): Promise<ExistingJob>;
  /** Resolves when the job has ended, however it did. */
  awaitJob(job: { workflowId: string; provider: LifecycleProvider }): Promise<JobResult>;
  findSteps(input: FindStepsInput): Promise<StepState[]>;
}
