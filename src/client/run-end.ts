import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';

/** The latest run under an id; `null` where Temporal does not know it (any more). */
export async function describeLatest(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** The priority that a run was started with; `undefined` where it has none of its own. */
export function priorityOf({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): number | undefined {
  return raw.workflowExecutionInfo?.priority?.priorityKey || undefined;
}

/** Whether a run goes on. */
export function isOpen({ status }: Pick<WorkflowExecutionDescription, 'status'>): boolean {
  return status.name === 'RUNNING' || status.name === 'PAUSED';
}

/** Whether a run has closed without having completed. */
export function endedBadly({ status }: WorkflowExecutionDescription): boolean {
  return ['FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'].includes(status.name);
}

/** Whether a run that goes on was asked to end. */
export function isBeingCancelled({ status, raw }: WorkflowExecutionDescription): boolean {
  return status.name === 'RUNNING' && raw.workflowExtendedInfo?.cancelRequested === true;
}

const plainEnds: Readonly<Record<string, string>> = {
  CANCELLED: 'Cancelled',
  TERMINATED: 'Terminated',
  TIMED_OUT: 'TimedOut',
};

/**
 * Why a run ended badly: the type of its failure, `Cancelled`, `Terminated` or `TimedOut`; `null` for any other run. Read
 * from the last event, since runs that older code made have no search attribute of it.
 */
export async function readFailureType(
  client: Client,
  { status, workflowId, runId }: Pick<WorkflowExecutionDescription, 'status' | 'workflowId' | 'runId'>,
): Promise<string | null> {
  if (status.name !== 'FAILED') return plainEnds[status.name] ?? null;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const failure = history?.events?.[0]?.workflowExecutionFailedEventAttributes?.failure;
  return failure?.applicationFailureInfo?.type ?? 'Error';
}
