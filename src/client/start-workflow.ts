import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { type Again, againMemo } from '../contract/again.ts';
import type { CheckedInput } from './check-input.ts';
import { differingFields, fingerprintInput, fingerprintMemo, type InputFingerprint } from './input-fingerprint.ts';
import { endedBadly, isOpen, readFailureType } from './run-end.ts';
import { readInput } from './read-input.ts';
import { refuseOversized } from './input-size.ts';
import { KeyInUseError } from './key-in-use-error.ts';
import { notStarted, type PipelineOutcome } from '../contract/pipeline.ts';
import { pipelineWorkflowType } from '../contract/workflow-types.ts';
import { awaitWorkflowEnd } from './workflow-end.ts';
import type { StartRequest } from '../contract/start-requests.ts';

/** A start, and the queue whose workers take it. */
export type QueuedStart = StartRequest & { taskQueue: string; priority?: number | undefined };

/** Sends a start to Temporal; where it is none of the client's own, what is started also answers to somebody else. */
export type SendStart = (workflowType: string, options: WorkflowStartOptions) => Promise<{ runId: string }>;

const sendBy =
  (client: Client): SendStart =>
  async (workflowType, options) => {
    const handle = await client.workflow.start(workflowType, options);
    return { runId: handle.firstExecutionRunId };
  };

/**
 * Sends a request once; null where a workflow of that id is in the way: one that runs, or one that has closed in a way that
 * the reuse policy leaves as it is.
 */
export async function requestStart(
  client: Client,
  request: QueuedStart,
  memo: Record<string, unknown>,
  workflowIdReusePolicy: WorkflowIdReusePolicy,
  send = sendBy(client),
): Promise<string | null> {
  const { workflowType, workflowId, taskQueue, input, credential, priority } = request;
  try {
    const { runId } = await send(workflowType, {
      workflowId,
      taskQueue,
      args: [input],
      // Who is told of what is in the way knows by one call that nothing was.
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      workflowIdReusePolicy,
      workflowExecutionTimeout: request.executionTimeoutMs,
      typedSearchAttributes: request.searchAttributes,
      memo,
      staticSummary: request.summary,
      staticDetails: request.details,
      priority: { fairnessKey: credential ?? 'default', ...(priority === undefined ? {} : { priorityKey: priority }) },
    });
    return runId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/**
 * The fields in which a run has other input than the wanted one; of a run of the same kind that was started without a
 * fingerprint, by its input in the history.
 * @throws KeyInUseError where its input is none that can be compared.
 */
export async function findDifferingFields(
  client: Client,
  existing: WorkflowExecutionDescription,
  input: object,
  canonical: CheckedInput<unknown>['canonical'],
): Promise<string[]> {
  const { workflowId, runId, memo } = existing;
  const fingerprint = memo?.[fingerprintMemo] as InputFingerprint | undefined;
  if (fingerprint !== undefined && differingFields(fingerprint, fingerprintInput(input)).length === 0) return [];
  const [theirs, ours] = [await readInput(client, { workflowId, runId }), input].map(canonical);
  if (theirs == null || ours == null) throw new KeyInUseError(workflowId, []);
  return differingFields(fingerprintInput(theirs), fingerprintInput(ours));
}

/** Whether a running track does what is wanted of one of its options, or more. */
function includes(running: unknown, wanted: unknown): boolean {
  if (wanted === undefined || wanted === null || wanted === false) return true;
  if (!Array.isArray(wanted)) return running === wanted;
  return wanted.every((item) => Array.isArray(running) && running.includes(item));
}

/** Of an id that is followed anew by each track: the running one is joined unless it lacks what is wanted. */
async function refuseLacking(
  client: Client,
  { workflowId, joinsIf = [], input }: StartRequest,
  { runId }: WorkflowExecutionDescription,
): Promise<void> {
  if (joinsIf.length === 0) return;
  const running = await readInput(client, { workflowId, runId });
  if (typeof running !== 'object' || running === null) throw new KeyInUseError(workflowId, []);
  const lacking = joinsIf.filter((field) => !includes(Reflect.get(running, field), Reflect.get(input, field)));
  if (lacking.length > 0) throw new KeyInUseError(workflowId, lacking);
}

/** Whether a run ended by its input alone, and so has made nothing: a pipeline has where each of its jobs did. */
async function failedByInput(client: Client, existing: WorkflowExecutionDescription): Promise<boolean> {
  if (endedBadly(existing)) return (await readFailureType(client, existing)) === 'InvalidInput';
  if (isOpen(existing) || existing.type !== pipelineWorkflowType) return false;
  const end = await awaitWorkflowEnd<PipelineOutcome>(client, existing);
  const madeNothing: unknown[] = ['InvalidInput', notStarted.type];
  return 'result' in end && end.result.jobs.every(({ failure }) => madeNothing.includes(failure?.type));
}

/** How a workflow is started. */
export interface StartWorkflowOptions {
  /** Makes inputs comparable; of a workflow without it only what is written alike is equal. */
  canonical?: CheckedInput<unknown>['canonical'];
  /** The run that gives way though it may have completed, as the caller has judged, and what becomes of its parts. */
  again?: { mode: Again; runId: string } | undefined;
  /** Default: by the client. */
  send?: SendStart;
}

/**
 * Starts a workflow once: under an id that is taken already, gives the run that has it, whoever started it and by
 * whatever means. A run that
 * failed, was cancelled, was terminated or timed out gives way to a new one of the same input; one that failed by its
 * input, which did nothing, to any.
 * @throws InvalidInputError where the input is too large to be sent.
 * @throws KeyInUseError where that run has other input; tracks are joined as they are, save where they do not collect what is wanted.
 */
export async function startWorkflow(
  client: Client,
  request: QueuedStart,
  { canonical = () => null, again, send }: StartWorkflowOptions = {},
): Promise<{ runId: string; isJoined: boolean }> {
  const { input, workflowId, reusesId } = request;
  await refuseOversized(client, input);
  const memo = { ...request.memo, [fingerprintMemo]: fingerprintInput(input) };
  const { REJECT_DUPLICATE, ALLOW_DUPLICATE, ALLOW_DUPLICATE_FAILED_ONLY } = WorkflowIdReusePolicy;
  const check = async (existing: WorkflowExecutionDescription) => {
    const fields = await findDifferingFields(client, existing, input, canonical);
    if (fields.length > 0) throw new KeyInUseError(workflowId, fields);
  };
  const look = () => client.workflow.getHandle(workflowId).describe();
  if (reusesId) {
    for (;;) {
      const runId = await requestStart(client, request, memo, ALLOW_DUPLICATE, send);
      if (runId !== null) return { runId, isJoined: false };
      const existing = await look();
      // One that has closed since is followed anew.
      if (!isOpen(existing)) continue;
      await refuseLacking(client, request, existing);
      return { runId: existing.runId, isJoined: true };
    }
  }
  const startedRunId = await requestStart(client, request, memo, REJECT_DUPLICATE, send);
  if (startedRunId !== null) return { runId: startedRunId, isJoined: false };
  const existing = await look();
  const didNothing = await failedByInput(client, existing);
  const isOver = didNothing || endedBadly(existing) || again?.runId === existing.runId;
  if (!didNothing) await check(existing);
  if (!isOver) return { runId: existing.runId, isJoined: true };
  const policy = endedBadly(existing) ? ALLOW_DUPLICATE_FAILED_ONLY : ALLOW_DUPLICATE;
  const mode = again?.mode ?? 'failed-steps';
  const restartedRunId = await requestStart(client, request, { ...memo, [againMemo]: mode }, policy, send);
  if (restartedRunId !== null) return { runId: restartedRunId, isJoined: false };
  // Somebody else was faster.
  const other = await look();
  await check(other);
  return { runId: other.runId, isJoined: true };
}
