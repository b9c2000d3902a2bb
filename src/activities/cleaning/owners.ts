import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { providerJobIdAttribute } from '../../contract/search-attributes.ts';
import { markerOf } from '../../contract/workflow-ids.ts';
import { lifecycleWorkflowTypes } from '../../contract/workflow-types.ts';
import type { ProviderName } from '../../providers/registry.ts';

/** The job that a marker belongs to, as it stands now. */
export interface Owner {
  workflowId: string;
  /** When its last run had closed; `null` while one is open. */
  closedAtMs: number | null;
}

const pageSize = 1000;
// An id has at most 256 bytes, and a query of the server's has bounds.
const mostIds = 50;

/**
 * The workflow ids of the jobs that these markers belong to. A marker is a hash, so the jobs that this namespace still
 * knows are gone through; one that is none of theirs may be another environment's, whose jobs nobody here can see.
 */
export async function findOwners(
  client: Client,
  provider: ProviderName,
  markers: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  const { [provider]: workflowType }: Partial<Record<ProviderName, string>> = lifecycleWorkflowTypes;
  if (workflowType === undefined || markers.size === 0) return owners;
  for await (const run of client.workflow.list({ query: `WorkflowType = '${workflowType}'`, pageSize })) {
    signal.throwIfAborted();
    // A reset keeps the marker of the first run, which is listed as one of its own.
    const marker = markerOf(run.workflowId, run.runId);
    if (markers.has(marker)) owners.set(marker, run.workflowId);
    if (owners.size === markers.size) break;
  }
  return owners;
}

/** How a job stands: by the server's own book, of which lists are a copy that comes later. `null` where it is forgotten. */
export async function lookAtOwner(client: Client, workflowId: string): Promise<Owner | null> {
  try {
    const { status, closeTime } = await client.workflow.getHandle(workflowId).describe();
    const isOpen = status.name === 'RUNNING' || status.name === 'PAUSED' || closeTime === undefined;
    return { workflowId, closedAtMs: isOpen ? null : closeTime.getTime() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Which of these ids at a provider somebody follows by a workflow that is open. */
export async function findFollowed(client: Client, ids: readonly string[], signal: AbortSignal): Promise<Set<string>> {
  const followed = new Set<string>();
  for (let from = 0; from < ids.length; from += mostIds) {
    signal.throwIfAborted();
    const some = ids.slice(from, from + mostIds).map((id) => `'${id.replaceAll(/['\\]/g, '\\$&')}'`);
    const query = `ExecutionStatus = 'Running' AND ${providerJobIdAttribute.name} IN (${some.join(', ')})`;
    for await (const { typedSearchAttributes } of client.workflow.list({ query, pageSize })) {
      const id = typedSearchAttributes.get(providerJobIdAttribute);
      if (id !== undefined) followed.add(id);
    }
  }
  return followed;
}
