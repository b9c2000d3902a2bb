import type { Client, WorkflowExecutionInfo, WorkflowExecutionStatusName } from '@temporalio/client';
import { z } from 'zod';
import { failureTypes } from '../contract/failures.ts';
import { stepsFailed } from '../contract/pipeline.ts';
import {
  providerJobFailureAttribute,
  providerJobIdAttribute,
  providerJobPhaseAttribute,
  providerNameAttribute,
} from '../contract/search-attributes.ts';
import {
  ingestWorkflowType,
  lifecycleWorkflowTypes,
  pipelineWorkflowType,
  retentionWorkflowType,
  sweepWorkflowType,
  trackWorkflowType,
} from '../contract/workflow-types.ts';
import { type ProviderName, providerNames } from '../providers/registry.ts';
import { type Phase, phases } from '../snapshot.ts';
import { findInputFaults } from './input-faults.ts';
import { InvalidInputError } from './invalid-input-error.ts';

/** Which jobs, pipelines and ingests are meant; all of what is given must hold. */
export interface ListJobsOptions {
  /** Only jobs at this provider; neither pipelines nor ingests. */
  provider?: ProviderName | undefined;
  /** Only jobs in this phase, as last seen; neither pipelines nor ingests. */
  phase?: Phase | undefined;
  /** Only those that ended by this failure: a key of `failureTypes`, or `StepsFailed` of a pipeline. */
  failure?: string | undefined;
  /** True for only those whose workflow has not ended. */
  running?: boolean | undefined;
  /** At most so many; all where none is given. */
  limit?: number | undefined;
}

/** A job, a pipeline or an ingest as Temporal's list shows it, which may be a second behind. */
export interface ListedJob {
  workflowId: string;
  runId: string;
  /** `tiroTranscription`, `trackJob`, `mediaPipeline`, `ingest`, … */
  workflowType: string;
  /** `null` for pipelines and ingests. */
  provider: ProviderName | null;
  /** The provider's id of the job; `null` while it is not known. */
  jobId: string | null;
  /** As last seen; `null` where nothing has been seen, and for pipelines and ingests. */
  phase: Phase | null;
  /** Temporal's word for the workflow. */
  workflowStatus: WorkflowExecutionStatusName;
  /** The type of the failure that ended it; `null` where none did. */
  failure: string | null;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** ISO 8601, UTC; `null` while it runs. */
  closedAt: string | null;
}

/** What `failure` of a list may be. */
export const listedFailures = [...Object.keys(failureTypes), stepsFailed];

const oneOf = (values: readonly string[]) =>
  z.enum(values as [string, ...string[]], { error: `expected one of ${values.join(', ')}` });

const optionsSchema = z.strictObject({
  provider: oneOf(providerNames).optional(),
  phase: oneOf(phases).optional(),
  failure: oneOf(listedFailures).optional(),
  running: z.boolean({ error: 'expected true or false' }).optional(),
  limit: z.int({ error: 'expected a whole number above 0' }).min(1, 'expected a whole number above 0').optional(),
});

const ourTypes = [
  ...Object.values(lifecycleWorkflowTypes),
  trackWorkflowType,
  pipelineWorkflowType,
  ingestWorkflowType,
  sweepWorkflowType,
  retentionWorkflowType,
];

// What the values may be is checked before, so that none can end a quotation.
function queryOf({ provider, phase, failure, running }: ListJobsOptions): string {
  const conditions = [`WorkflowType IN (${ourTypes.map((type) => `'${type}'`).join(', ')})`];
  if (provider !== undefined) conditions.push(`${providerNameAttribute.name} = '${provider}'`);
  if (phase !== undefined) conditions.push(`${providerJobPhaseAttribute.name} = '${phase}'`);
  if (failure !== undefined) conditions.push(`${providerJobFailureAttribute.name} = '${failure}'`);
  if (running === true) conditions.push("ExecutionStatus = 'Running'");
  return conditions.join(' AND ');
}

function describe(info: WorkflowExecutionInfo): ListedJob {
  const attributes = info.typedSearchAttributes;
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    workflowType: info.type,
    provider: (attributes.get(providerNameAttribute) ?? null) as ProviderName | null,
    jobId: attributes.get(providerJobIdAttribute) ?? null,
    phase: (attributes.get(providerJobPhaseAttribute) ?? null) as Phase | null,
    workflowStatus: info.status.name,
    failure: attributes.get(providerJobFailureAttribute) ?? null,
    startedAt: info.startTime.toISOString(),
    closedAt: info.closeTime?.toISOString() ?? null,
  };
}

// The most that a server gives at once; it takes this where nothing is said, too.
const largestPage = 1000;

async function* readList(client: Client, options: ListJobsOptions): AsyncGenerator<ListedJob> {
  const { limit = Infinity } = options;
  const pageSize = Math.min(limit, largestPage);
  let left = limit;
  for await (const info of client.workflow.list({ query: queryOf(options), pageSize })) {
    yield describe(info);
    left -= 1;
    if (left <= 0) return;
  }
}

/**
 * Jobs, pipelines and ingests, those that run first, then the others by their end, the last first; read from Temporal page
 * by page as they are asked for.
 * @throws InvalidInputError, naming every wrong option, before anything is asked.
 */
export function listJobs(client: Client, options: ListJobsOptions = {}): AsyncIterable<ListedJob> {
  const faults = findInputFaults(optionsSchema, options);
  if (faults.length > 0) throw new InvalidInputError(faults);
  return readList(client, options);
}
