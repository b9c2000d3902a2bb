import { type ChildWorkflowOptions, defineSignal, workflowInfo } from '@temporalio/workflow';
import {
  jobFinishedSignal,
  type JobFinishedArguments,
  type PipelineFinishedArguments,
  pipelineFinishedSignal,
} from './contract/messages.ts';
import type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';
import { defaultTaskQueue } from './contract/task-queues.ts';
import type { StartedJob } from './workflow-api/joined-job.ts';
import { startOrJoin } from './workflow-api/start-or-join.ts';

export type { JobWorkflow, StartedJob } from './workflow-api/joined-job.ts';
export type { Artifact, JobFailureDetails, JobNotice, JobOutcome, JobResult, MissingPart } from './contract/job.ts';
export type { PipelineNotice } from './contract/pipeline.ts';
export type { JobSnapshot, Phase } from './snapshot.ts';
export { isTerminal } from './snapshot.ts';
export { failureTypes, type FailureType } from './contract/failures.ts';
export type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';

/**
 * The signal that a job sends to its parent and to the workflows in `notify` when it ends. Count what arrives by
 * workflow id and run id, set a deadline of your own (a terminated job sends none), and close only after the result.
 */
export const jobFinished = defineSignal<JobFinishedArguments>(jobFinishedSignal);

/** The signal that a pipeline sends to its parent and to the workflows in `notify` when it ends. */
export const pipelineFinished = defineSignal<PipelineFinishedArguments>(pipelineFinishedSignal);

/** How a job is started as a child. */
export interface StartJobOptions {
  /** The idempotency key; the parent's workflow id and the provider's name where none is given. */
  key?: string;
  /** What becomes of the job when the parent closes; default REQUEST_CANCEL. */
  parentClosePolicy?: ChildWorkflowOptions['parentClosePolicy'];
  /** How the job is cancelled with the caller; default WAIT_CANCELLATION_COMPLETED. */
  cancellationType?: ChildWorkflowOptions['cancellationType'];
  /** What the job's workers have as PROVIDER_JOBS_TASK_QUEUE; default `provider-jobs`, whatever queue the parent is on. */
  taskQueue?: string;
}

/**
 * Starts a provider's job as a child of the calling workflow, whatever its bundle and task queue. A job that has the key
 * already is joined if its input is the same: one that runs or has completed as it is; one that failed, was cancelled,
 * terminated or timed out gives way to a new run. The input is validated by the job's first step; an invalid one fails
 * the child with `InvalidInput`. A joined job is not cancelled with the caller.
 * @throws ApplicationFailure (`KeyInUse`) where the job that has the key has other input, naming the fields that differ.
 */
export async function startJob<P extends LifecycleProvider>(
  provider: P,
  input: LifecycleInputs[P],
  options: StartJobOptions = {},
): Promise<StartedJob> {
  const { key = `${workflowInfo().workflowId}.${provider}`, taskQueue = defaultTaskQueue, ...rest } = options;
  return startOrJoin(provider, input, { key, taskQueue, ...rest, resumes: false });
}
