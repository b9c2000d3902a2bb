import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Cleanup, JobFailureDetails, JobOutcome } from '../contract/job.ts';
import type { JobSnapshot, Phase } from '../snapshot.ts';
import type { JobResult } from '../contract/job-result.ts';
import type { ProviderName } from '../providers/registry.ts';
import { providerJobIdAttribute, providerJobPhaseAttribute } from '../contract/search-attributes.ts';
import { parseWorkflowId } from '../contract/workflow-ids.ts';
import { readPendingActivity } from './pending-activity.ts';
import { queryJobState } from './query-job-state.ts';
import { awaitWorkflowEnd, type RunReference } from './workflow-end.ts';

/** A run of a lifecycle or track, and whose. */
export interface JobRun extends RunReference {
  provider: ProviderName;
}

/** What the search attributes say of a job. */
export function readAttributes({ typedSearchAttributes }: WorkflowExecutionDescription) {
  const jobId = typedSearchAttributes.get(providerJobIdAttribute) ?? null;
  return { jobId, phase: (typedSearchAttributes.get(providerJobPhaseAttribute) ?? null) as Phase | null };
}

function fromOutcome({ workflowId, runId, provider }: JobRun, outcome: JobOutcome): JobResult {
  const { resource, jobId, phase, status, recognised, statusCalls, artifacts, files } = outcome;
  const job = { workflowId, runId, provider, resource, jobId };
  const end = { phase, status, recognised, statusCalls, artifacts, failure: null, cleanup: null };
  return { ...job, ...end, ...(files === undefined ? {} : { files }) };
}

/** What a run left behind that ended without telling: cancelled, terminated or timed out. */
async function readTraces(client: Client, run: JobRun) {
  const { workflowId, runId, provider } = run;
  const description = await client.workflow.getHandle(workflowId, runId).describe();
  const attributes = readAttributes(description);
  const pending = await readPendingActivity(client, description);
  const state = await queryJobState(client, run);
  const parsed = parseWorkflowId(workflowId);
  const tracked = parsed?.kind === 'track' ? `${provider}.${parsed.resource}` : null;
  const snapshot: JobSnapshot | null = pending?.wait?.snapshot ?? state?.snapshot ?? null;
  return {
    resource: snapshot?.resource ?? tracked,
    jobId: attributes.jobId ?? state?.jobId ?? null,
    statusCalls: Math.max(state?.statusCalls ?? 0, pending?.wait?.calls ?? 0),
    phase: attributes.phase ?? state?.phase ?? null,
    snapshot,
    cleanup: (description.memo?.['cleanup'] ?? null) as Cleanup | null,
  };
}

/** Waits for a job's end and says how it went; only Temporal out of reach is an error. */
export async function readJobResult(client: Client, run: JobRun): Promise<JobResult> {
  const end = await awaitWorkflowEnd<JobOutcome>(client, run);
  if ('result' in end) return fromOutcome(run, end.result);
  const { workflowId, runId, provider } = run;
  const details = end.details as JobFailureDetails | undefined;
  const told = details === undefined ? null : { ...details, phase: details.snapshot?.phase ?? null, cleanup: null };
  const { resource, jobId, phase, statusCalls, snapshot, cleanup } = told ?? (await readTraces(client, run));
  const { status = null, recognised = null } = snapshot ?? {};
  const job = { workflowId, runId, provider, resource, jobId, phase, status, recognised };
  return { ...job, statusCalls, artifacts: [], failure: end.failure, cleanup };
}
