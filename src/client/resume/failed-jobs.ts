import type { Client } from '@temporalio/client';
import { lifecycleWorkflowTypes, trackWorkflowType } from '../../contract/workflow-types.ts';
import { providerNameAttribute } from '../../contract/search-attributes.ts';
import type { ProviderName } from '../../providers/registry.ts';
import { readFailureType } from '../run-end.ts';
import type { RunReference } from '../workflow-end.ts';

/** Which jobs that ended badly are meant. */
export interface FailedJobFilter {
  provider?: ProviderName | undefined;
  /** A failure type, `TimedOut`, `Terminated` or `Cancelled`; the last two were somebody's wish and are never meant otherwise. */
  failure?: string | undefined;
  /** Only those that ended at this time or later. */
  since?: Date | undefined;
}

const statuses: Readonly<Record<string, string>> = {
  Cancelled: "= 'Canceled'",
  Terminated: "= 'Terminated'",
  TimedOut: "= 'TimedOut'",
};

function queryOf({ provider, failure, since }: FailedJobFilter): string {
  const types = [...Object.values(lifecycleWorkflowTypes), trackWorkflowType].map((type) => `'${type}'`).join(', ');
  const status = failure === undefined ? "IN ('Failed', 'TimedOut')" : (statuses[failure] ?? "= 'Failed'");
  const conditions = [`WorkflowType IN (${types})`, `ExecutionStatus ${status}`];
  if (provider !== undefined) conditions.push(`${providerNameAttribute.name} = '${provider}'`);
  if (since !== undefined) conditions.push(`CloseTime >= '${since.toISOString()}'`);
  return conditions.join(' AND ');
}

/** The jobs of which a run ended badly, each once with the last such run, those that ended last first. */
export async function* findFailedJobs(client: Client, filter: FailedJobFilter): AsyncGenerator<RunReference> {
  const seen = new Set<string>();
  for await (const info of client.workflow.list({ query: queryOf(filter) })) {
    const { workflowId, runId } = info;
    if (seen.has(workflowId)) continue;
    // The failure is read from the run itself: those of older code have no search attribute of it.
    if (filter.failure !== undefined && (await readFailureType(client, info)) !== filter.failure) continue;
    seen.add(workflowId);
    yield { workflowId, runId };
  }
}
