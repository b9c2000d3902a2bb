import type { Client } from '@temporalio/client';

/** The address of a workflow in Temporal's Web UI; `null` where it is not known where that is. */
export function webLink(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string | null },
  webUrl: string | undefined,
): string | null {
  if (webUrl === undefined) return null;
  const workflows = `${webUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(client.options.namespace)}/workflows`;
  const run = runId === null ? '' : `/${runId}/history`;
  return `${workflows}/${encodeURIComponent(workflowId)}${run}`;
}
