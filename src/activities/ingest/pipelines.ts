import { activityInfo } from '@temporalio/activity';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import { hashWork } from '../../client/ingest-input.ts';
import { fingerprintInput, fingerprintMemo } from '../../client/input-fingerprint.ts';
import { readInput } from '../../client/read-input.ts';
import { requestStart } from '../../client/start-workflow.ts';
import { awaitWorkflowEnd } from '../../client/workflow-end.ts';
import { type Again, againMemo } from '../../contract/again.ts';
import { type MediaPipelineInput, type PipelineOutcome, type StoredPipelineOutcome } from '../../contract/pipeline.ts';
import { providerJobFailureAttribute } from '../../contract/search-attributes.ts';
import type { StartRequest } from '../../contract/start-requests.ts';
import { pipelineWorkflowType } from '../../contract/workflow-types.ts';

/** The memo's field, on a pipeline that is started again, that says which try it is. */
const tryMemo = 'ingestTry';

/** A run of a pipeline as the lists show it. */
export type ListedRun = WorkflowExecutionInfo;

/** The newest run of each of these pipelines as the lists know it, which may be that of a moment ago: one call. */
export async function listRuns(client: Client, workflowIds: readonly string[]): Promise<Map<string, ListedRun>> {
  const newest = new Map<string, ListedRun>();
  const ids = workflowIds.map((id) => `'${id}'`).join(', ');
  const query = `WorkflowType = '${pipelineWorkflowType}' AND WorkflowId IN (${ids})`;
  for await (const run of client.workflow.list({ query, pageSize: 1000 })) {
    const other = newest.get(run.workflowId);
    if (other === undefined || other.startTime < run.startTime) newest.set(run.workflowId, run);
  }
  return newest;
}

/** Whether a run ended and its work was not done. */
export function isFailed({ status, typedSearchAttributes }: ListedRun): boolean {
  if (status.name === 'COMPLETED') return typedSearchAttributes.get(providerJobFailureAttribute) !== undefined;
  return status.name !== 'RUNNING' && status.name !== 'PAUSED';
}

/** Whether somebody ended a run by hand, who does not want it to be tried again. */
export function isEndedByHand({ status }: ListedRun): boolean {
  return status.name === 'CANCELLED' || status.name === 'TERMINATED';
}

/** How often a pipeline was tried, this run included. */
export function triesOf({ memo }: ListedRun): number {
  return typeof memo?.[tryMemo] === 'number' ? memo[tryMemo] : 1;
}

/**
 * Starts a pipeline, for the first time or once more, when it takes what its steps have done; false where one of its id
 * runs or has ended otherwise.
 */
export async function startPipeline(client: Client, request: StartRequest, nextTry: number): Promise<boolean> {
  const { ALLOW_DUPLICATE, REJECT_DUPLICATE } = WorkflowIdReusePolicy;
  const again: Again = 'same-work';
  const memo = {
    ...request.memo,
    [fingerprintMemo]: fingerprintInput(request.input),
    ...(nextTry === 1 ? {} : { [tryMemo]: nextTry, [againMemo]: again }),
  };
  // What has failed is tried again only where the lists say how often it was.
  const reuse = nextTry === 1 ? REJECT_DUPLICATE : ALLOW_DUPLICATE;
  const { taskQueue } = activityInfo();
  return (await requestStart(client, { ...request, taskQueue }, memo, reuse)) !== null;
}

function wordsOf({ jobs }: PipelineOutcome): string {
  const failed = jobs.filter(({ phase }) => phase !== 'succeeded');
  const wordsOfJob = ({ message }: (typeof failed)[number]) => (message ? ` (${message})` : '');
  return failed.map((job) => `${job.step}: ${job.failure?.type ?? job.phase ?? 'failed'}${wordsOfJob(job)}`).join(', ');
}

/** Why a pipeline failed, in words; asks Temporal where it ended by itself. */
export async function whyFailed(client: Client, run: ListedRun): Promise<string> {
  if (run.status.name !== 'COMPLETED') return `its workflow is ${run.status.name}`;
  const end = await awaitWorkflowEnd<PipelineOutcome>(client, run);
  return 'result' in end ? wordsOf(end.result) : end.failure.message;
}

/**
 * What became of a pipeline under the key of version 0.2, which was the content alone: of other work, still running,
 * failed and why, or with its outcome.
 */
export async function findOldFate(
  client: Client,
  run: ListedRun,
  work: string,
): Promise<'other work' | 'running' | { why: string } | { outcome: StoredPipelineOutcome }> {
  const input = (await readInput(client, run)) as MediaPipelineInput;
  if (hashOf(input) !== work) return 'other work';
  if (run.status.name === 'RUNNING' || run.status.name === 'PAUSED') return 'running';
  const end = await awaitWorkflowEnd<PipelineOutcome>(client, run);
  if (!('result' in end)) return { why: `its workflow is ${run.status.name}` };
  if (!end.result.succeeded) return { why: wordsOf(end.result) };
  const { workflowId, runId, startTime, closeTime = startTime } = run;
  const times = { startedAt: startTime.toISOString(), endedAt: closeTime.toISOString() };
  return { outcome: { workflowId, runId, ...end.result, ...times } };
}

function hashOf({ steps, strategy }: MediaPipelineInput): string | null {
  try {
    return hashWork(steps, strategy);
  } catch {
    return null;
  }
}
