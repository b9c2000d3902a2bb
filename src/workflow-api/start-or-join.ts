import {
  ApplicationFailure,
  type WorkflowIdReusePolicy,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { type ChildWorkflowOptions, ParentClosePolicy, patched, startChild } from '@temporalio/workflow';
import { executionTimeoutMs, mediaWithinMs, readDeadlineMs } from '../contract/deadlines.ts';
import type { LookAtJobInput } from '../contract/existing-job.ts';
import type { FailureType } from '../contract/failures.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';
import { providerNameAttribute } from '../contract/search-attributes.ts';
import { describeSources } from '../contract/source-name.ts';
import { lifecycleWorkflowId } from '../contract/workflow-ids.ts';
import { lifecycleWorkflowTypes } from '../contract/workflow-types.ts';
import { existing, joinedJob, type JobWorkflow, type StartedJob, throwCause } from './joined-job.ts';

/** How a job is started, and what becomes of one that has its key. */
export interface StartOrJoinOptions extends Omit<LookAtJobInput, 'workflowId' | 'provider' | 'input'> {
  key: string;
  /** Of the job's workers. */
  taskQueue: string;
  parentClosePolicy?: ChildWorkflowOptions['parentClosePolicy'];
  cancellationType?: ChildWorkflowOptions['cancellationType'];
}

function invalid(problem: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(problem, 'InvalidInput' satisfies FailureType);
}

// The server refuses what is past 2 MiB, and the caller would be told so for ever.
const mostInputCharacters = 600_000;

function fieldsOf(input: unknown): { source?: unknown; deadline?: unknown } {
  return typeof input === 'object' && input !== null ? input : {};
}

function sizeOf(input: unknown): number {
  try {
    return JSON.stringify(input ?? null).length;
  } catch {
    throw invalid('input: expected what can be written as JSON');
  }
}

/** What is wrong with what a job is to be started with, as far as it would keep the caller from starting it at all. */
function checkStart(provider: LifecycleProvider, input: unknown, key: unknown): void {
  if (!Object.hasOwn(lifecycleWorkflowTypes, provider)) {
    throw invalid(`provider: expected one of ${Object.keys(lifecycleWorkflowTypes).join(', ')}`);
  }
  if (typeof key !== 'string' || key.trim() === '') throw invalid('key: expected some text');
  const size = sizeOf(input);
  if (size > mostInputCharacters)
    throw invalid(`input: ${String(size)} characters are more than a workflow may be sent`);
}

/**
 * Starts a job as a child, or joins the one that has its key.
 * @throws ApplicationFailure (`KeyInUse`) where that has other input; (`InvalidInput`) for what cannot be started at all.
 */
export async function startOrJoin(
  provider: LifecycleProvider,
  input: unknown,
  options: StartOrJoinOptions,
): Promise<StartedJob> {
  const { key, parentClosePolicy = ParentClosePolicy.REQUEST_CANCEL, cancellationType, taskQueue, ...wanted } = options;
  checkStart(provider, input, key);
  const { source, deadline } = fieldsOf(input);
  const givenMs = readDeadlineMs(deadline);
  // What is longer than a deadline may be is for the job to refuse.
  const deadlineMs = givenMs !== null && givenMs < mediaWithinMs ? givenMs : null;
  const workflowId = lifecycleWorkflowId(provider, key);
  const start = (workflowIdReusePolicy: WorkflowIdReusePolicy) =>
    startChild<JobWorkflow>(lifecycleWorkflowTypes[provider], {
      args: [input],
      taskQueue,
      workflowId,
      workflowIdReusePolicy,
      parentClosePolicy,
      ...(cancellationType === undefined ? {} : { cancellationType }),
      typedSearchAttributes: [{ key: providerNameAttribute, value: provider }],
      // Where none was given the job's own bounds hold: its default deadline is known to its provider's module alone.
      ...(deadlineMs === null ? {} : { workflowExecutionTimeout: executionTimeoutMs(deadlineMs, false) }),
      staticSummary: `${provider}: ${describeSources(source)}`.slice(0, 200),
    });
  const isTaken = (error: unknown) => error instanceof WorkflowExecutionAlreadyStartedError;
  try {
    return await start('REJECT_DUPLICATE');
  } catch (error) {
    if (!isTaken(error) || !patched('joins-existing-jobs')) throw error;
  }
  for (;;) {
    const { lookAtJob } = existing(taskQueue, `Look at ${workflowId}, which exists already`.slice(0, 200));
    const found = await lookAtJob({ workflowId, provider, input, ...wanted }).catch(throwCause);
    if (found.kind === 'joined') return joinedJob({ workflowId, provider, taskQueue }, found.runId, found.isOurs);
    try {
      return await start(found.anew ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY');
    } catch (error) {
      // Somebody else was faster.
      if (!isTaken(error)) throw error;
    }
  }
}
