import type { Client, WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import type { Phase, Progress } from '../snapshot.ts';
import type { JobResult } from '../contract/job.ts';
import type { JobState } from '../contract/messages.ts';
import type { ProviderName } from '../providers/registry.ts';
import { type JobRun, readAttributes, readJobResult } from './job-result.ts';
import { type PendingActivity, readPendingActivity } from './pending-activity.ts';
import { queryJobState } from './query-job-state.ts';

/** Where a job stands just now, as far as Temporal and its workflow can tell without asking the provider. */
export interface LiveSnapshot {
  workflowId: string;
  runId: string;
  /** Temporal's word for the workflow, for instance `RUNNING`; a job that failed is `COMPLETED`. */
  workflowStatus: WorkflowExecutionStatusName;
  /** Who answered: the workflow as well, or Temporal alone, where no workflow worker runs or the workflow has closed. */
  source: 'workflow' | 'temporal';
  provider: ProviderName;
  resource: string | null;
  jobId: string | null;
  /** What the lifecycle is doing, in plain words; `null` where the workflow did not answer. */
  stage: string | null;
  phase: Phase | null;
  /** The provider's own word, as last seen. */
  status: string | null;
  recognised: boolean | null;
  progress: Progress | null;
  /** The provider's own words about the job; of one that ended in a failure, ours. */
  message: string | null;
  /** Status requests made so far, as far as is known. */
  statusCalls: number;
  /** When the provider is asked next, ISO 8601; `null` where no look is booked. */
  nextLookAt: string | null;
  /** Of the pending activity. */
  attempt: number | null;
  /** What went wrong last; `null` while all goes well. */
  lastError: string | null;
  /** The activity that the workflow waits for, for instance `fetchJobStatus`. */
  pendingActivity: string | null;
  /** When the provider was last seen to answer, ISO 8601. */
  observedAt: string | null;
  /** Whether it takes longer than 99.9 % of such jobs have, by what the workers have learned. */
  isLate: boolean;
}

function countCalls(state: JobState | null, pending: PendingActivity | null): number {
  // A wait goes on with the count of those before it.
  return Math.max(state?.statusCalls ?? 0, pending?.wait?.calls ?? 0);
}

function fromRunning(
  { provider }: JobRun,
  description: WorkflowExecutionDescription,
  pending: PendingActivity | null,
  state: JobState | null,
): LiveSnapshot {
  const { workflowId, runId, status } = description;
  const attributes = readAttributes(description);
  const seen = pending?.wait?.snapshot ?? state?.snapshot ?? null;
  return {
    workflowId,
    runId,
    workflowStatus: status.name,
    source: state === null ? 'temporal' : 'workflow',
    provider,
    resource: seen?.resource ?? null,
    jobId: attributes.jobId ?? state?.jobId ?? seen?.id ?? null,
    stage: state?.stage ?? null,
    phase: state?.phase ?? attributes.phase ?? seen?.phase ?? null,
    status: seen?.status ?? null,
    recognised: seen?.recognised ?? null,
    progress: seen?.progress ?? null,
    message: seen?.message ?? null,
    statusCalls: countCalls(state, pending),
    nextLookAt: pending?.wait == null ? null : pending.nextAttemptAt,
    attempt: pending?.attempt ?? null,
    lastError: pending?.lastError ?? null,
    pendingActivity: pending?.name ?? null,
    observedAt: seen?.observedAt ?? null,
    isLate: pending?.wait?.isLate ?? false,
  };
}

function fromClosed(workflowStatus: WorkflowExecutionStatusName, run: JobRun, result: JobResult): LiveSnapshot {
  const { workflowId, runId, provider } = run;
  const { resource, jobId, phase, status, recognised, message, statusCalls, failure } = result;
  const job = { workflowId, runId, workflowStatus, source: 'temporal' as const, provider, resource, jobId };
  const nothing = { progress: null, nextLookAt: null, attempt: null, pendingActivity: null };
  const lastError = failure === null ? null : `${failure.type}: ${failure.message}`;
  const end = { phase, status, recognised, message, statusCalls, lastError };
  return { ...job, ...nothing, ...end, stage: null, observedAt: null, isLate: false };
}

// A workflow's own knowledge changes only with its history; where nobody answered, a worker may have come since.
const askAgainAfterMs = 10_000;

/** Makes a function that takes live snapshots of one run, asking the workflow only where it may have news. */
export function createJobObserver(client: Client, run: JobRun): () => Promise<LiveSnapshot> {
  let answer: { historyLength: number; atMs: number; state: JobState | null } | null = null;
  const askWorkflow = async (historyLength: number) => {
    const isFresh = answer !== null && (answer.state !== null || Date.now() - answer.atMs < askAgainAfterMs);
    if (isFresh && answer?.historyLength === historyLength) return answer.state;
    // Where nobody has just answered, nobody answers the next one either: two seconds are not spent on each look.
    if (answer?.state === null && isFresh) return null;
    const state = await queryJobState(client, run);
    answer = { historyLength, atMs: Date.now(), state };
    return state;
  };
  return async () => {
    const description = await client.workflow.getHandle(run.workflowId, run.runId).describe();
    const { name } = description.status;
    if (name !== 'RUNNING' && name !== 'PAUSED') return fromClosed(name, run, await readJobResult(client, run));
    const pending = await readPendingActivity(client, description);
    return fromRunning(run, description, pending, await askWorkflow(description.historyLength));
  };
}
