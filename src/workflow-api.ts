import {
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  ParentClosePolicy,
  defineSignal,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { executionTimeoutMs, readDeadlineMs } from './contract/deadlines.ts';
import type { JobOutcome } from './contract/job.ts';
import { lifecycleWorkflowTypes } from './contract/workflow-types.ts';
import { jobFinishedSignal, type JobFinishedArguments } from './contract/messages.ts';
import type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';
import { providerNameAttribute } from './contract/search-attributes.ts';
import { sourceName } from './contract/source-name.ts';
import { defaultTaskQueue } from './contract/task-queues.ts';
import { lifecycleWorkflowId } from './contract/workflow-ids.ts';

export type { Artifact, JobFailureDetails, JobNotice, JobOutcome, JobResult, MissingPart } from './contract/job.ts';
export type { JobSnapshot, Phase } from './snapshot.ts';
export { isTerminal } from './snapshot.ts';
export { failureTypes, type FailureType } from './contract/failures.ts';
export type { LifecycleInputs, LifecycleProvider } from './providers/lifecycle-inputs.ts';

/**
 * The signal that a job sends to its parent and to the workflows in `notify` when it ends. Count what arrives by
 * workflow id and run id, set a deadline of your own (a terminated job sends none), and close only after the result.
 */
export const jobFinished = defineSignal<JobFinishedArguments>(jobFinishedSignal);

/** A workflow of a job. */
export type JobWorkflow = (input: unknown) => Promise<JobOutcome>;

/** How a job is started as a child. */
export interface StartJobOptions {
  /** The idempotency key; the parent's workflow id and the provider's name where none is given. */
  key?: string;
  /** What becomes of the job when the parent closes; default REQUEST_CANCEL. */
  parentClosePolicy?: ChildWorkflowOptions['parentClosePolicy'];
  /** What the job's workers have as PROVIDER_JOBS_TASK_QUEUE; default `provider-jobs`, whatever queue the parent is on. */
  taskQueue?: string;
}

function describeSource(source: string | string[]): string {
  const [first = '', ...rest] = typeof source === 'string' ? [source] : source;
  return rest.length === 0 ? sourceName(first) : `${sourceName(first)} and ${String(rest.length)} more`;
}

/**
 * Starts a provider's job as a child of the calling workflow, whatever its bundle and task queue. The input is
 * validated by the job's first step; an invalid one fails the child with `InvalidInput`.
 * @throws WorkflowExecutionAlreadyStartedError where the key is taken.
 */
export async function startJob<P extends LifecycleProvider>(
  provider: P,
  input: LifecycleInputs[P],
  options: StartJobOptions = {},
): Promise<ChildWorkflowHandle<JobWorkflow>> {
  const deadlineMs = readDeadlineMs(input.deadline);
  const { key = `${workflowInfo().workflowId}.${provider}`, parentClosePolicy, taskQueue = defaultTaskQueue } = options;
  return startChild<JobWorkflow>(lifecycleWorkflowTypes[provider], {
    args: [input],
    taskQueue,
    workflowId: lifecycleWorkflowId(provider, key),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    parentClosePolicy: parentClosePolicy ?? ParentClosePolicy.REQUEST_CANCEL,
    typedSearchAttributes: [{ key: providerNameAttribute, value: provider }],
    // Where none was given the job's own bounds hold: its default deadline is known to its provider's module alone.
    ...(deadlineMs === null ? {} : { workflowExecutionTimeout: executionTimeoutMs(deadlineMs, false) }),
    staticSummary: `${provider}: ${describeSource(input.source)}`,
  });
}
