import type { Client } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';

/**
 * Why the workflow task of an open workflow fails again and again, in the words of the first time; `null` where it does
 * not. Workers log the same, with the stack.
 */
export async function findFailingTask(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { raw } = await handle.describe();
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt < 2) return null;
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(
    ({ workflowTaskFailedEventAttributes: failed, workflowTaskCompletedEventAttributes: completed }) =>
      failed ?? completed,
  );
  // None where no worker has answered in time, which is no fault of the code.
  const failure = last?.workflowTaskFailedEventAttributes?.failure;
  if (!failure) return null;
  const error = await decodeOptionalFailureToOptionalError(client.options.loadedDataConverter, failure, {
    ...{ type: 'workflow', namespace: client.options.namespace, workflowId },
  });
  return `${error?.message.split('\n')[0] ?? 'unknown'} (attempt ${String(attempt)})`;
}
