import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { JobOutcome, JobResult } from '../contract/job.ts';
import { jobResultOf, readFailureDetails } from '../contract/job-result.ts';
import type { JobSnapshot, Phase } from '../snapshot.ts';
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

/** What a run left behind that ended without telling: cancelled, terminated or timed out. */
async function readTraces(client: Client, run: JobRun): Promise<Partial<JobResult>> {
  const { workflowId, runId, provider } = run;
  const description = await client.workflow.getHandle(workflowId, runId).describe();
  const attributes = readAttributes(description);
  // A cancellation closes without details: what is to be known of it stands there.
  const memo: Partial<Pick<JobResult, 'cleanup' | 'ids' | 'media'>> = description.memo ?? {};
  const pending = await readPendingActivity(client, description);
  const state = await queryJobState(client, run);
  const parsed = parseWorkflowId(workflowId);
  const tracked = parsed?.kind === 'track' ? `${provider}.${parsed.resource}` : null;
  const snapshot: JobSnapshot | null = pending?.wait?.snapshot ?? state?.snapshot ?? null;
  const { resource = tracked, status = null, recognised = null } = snapshot ?? {};
  return {
    ...{ resource, status, recognised },
    jobId: attributes.jobId ?? state?.jobId ?? null,
    statusCalls: Math.max(state?.statusCalls ?? 0, pending?.wait?.calls ?? 0),
    phase: attributes.phase ?? state?.phase ?? null,
    ...{ cleanup: memo.cleanup ?? null, ids: memo.ids ?? {}, media: memo.media ?? [] },
    startedAt: description.startTime.toISOString(),
    endedAt: description.closeTime?.toISOString() ?? null,
  };
}

/** Waits for a job's end and says how it went; only Temporal out of reach is an error. */
export async function readJobResult(client: Client, run: JobRun): Promise<JobResult> {
  const { workflowId, runId, provider } = run;
  const end = await awaitWorkflowEnd<JobOutcome>(client, run);
  const known =
    'result' in end
      ? end.result
      : { ...(readFailureDetails(end.details) ?? (await readTraces(client, run))), failure: end.failure };
  return jobResultOf({ workflowId, runId, provider }, known);
}
