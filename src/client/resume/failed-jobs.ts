import type { Client } from '@temporalio/client';
import { lifecycleWorkflowTypes, trackWorkflowType } from '../../contract/workflow-types.ts';
import { providerJobPhaseAttribute, providerNameAttribute } from '../../contract/search-attributes.ts';
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

const quote = (words: readonly string[]) => words.map((word) => `'${word}'`).join(', ');

// Their workflows have completed, with an outcome that says so.
const lifecycles = Object.values(lifecycleWorkflowTypes);
const endedByProvider =
  `(ExecutionStatus = 'Completed' AND WorkflowType IN (${quote(lifecycles)}) AND ` +
  `${providerJobPhaseAttribute.name} IN ('failed', 'expired', 'deleted'))`;

function queryOf({ provider, failure, since }: FailedJobFilter, failedAtProvider: boolean): string {
  const status = failure === undefined ? "IN ('Failed', 'TimedOut')" : (statuses[failure] ?? "= 'Failed'");
  const ended = `ExecutionStatus ${status}`;
  const conditions = [
    `WorkflowType IN (${quote([...lifecycles, trackWorkflowType])})`,
    failedAtProvider && failure === undefined ? `(${ended} OR ${endedByProvider})` : ended,
  ];
  if (provider !== undefined) conditions.push(`${providerNameAttribute.name} = '${provider}'`);
  if (since !== undefined) conditions.push(`CloseTime >= '${since.toISOString()}'`);
  return conditions.join(' AND ');
}

/**
 * The jobs of which a run ended badly, and where wanted those that their provider ended badly; each once with the last such
 * run, those that ended last first.
 */
export async function* findFailedJobs(
  client: Client,
  filter: FailedJobFilter,
  { failedAtProvider = false }: { failedAtProvider?: boolean | undefined } = {},
): AsyncGenerator<RunReference> {
  const seen = new Set<string>();
  for await (const info of client.workflow.list({ query: queryOf(filter, failedAtProvider) })) {
    const { workflowId, runId } = info;
    if (seen.has(workflowId)) continue;
    // Its pipeline may have done without it; `again` starts it anew where it is wanted.
    if (info.status.name === 'COMPLETED' && info.parentExecution != null) continue;
    // The failure is read from the run itself: those of older code have no search attribute of it.
    if (filter.failure !== undefined && (await readFailureType(client, info)) !== filter.failure) continue;
    seen.add(workflowId);
    yield { workflowId, runId };
  }
}
