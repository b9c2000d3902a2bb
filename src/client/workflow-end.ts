import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';

/** One run of a workflow. */
export interface RunReference {
  workflowId: string;
  runId: string;
}

/** How a run ended: with its result, or with what went wrong. */
export type WorkflowEnd<T> = { result: T } | { failure: { type: string; message: string }; details: unknown };

function readFailure(cause: Error | undefined): { failure: { type: string; message: string }; details: unknown } {
  const message = cause?.message ?? 'no reason was given';
  if (cause instanceof ApplicationFailure) {
    return { failure: { type: cause.type ?? 'Error', message }, details: cause.details?.[0] };
  }
  if (cause instanceof CancelledFailure) {
    return { failure: { type: 'Cancelled', message: 'the job was cancelled' }, details: undefined };
  }
  if (cause instanceof TerminatedFailure) return { failure: { type: 'Terminated', message }, details: undefined };
  if (cause instanceof TimeoutFailure) return { failure: { type: 'TimedOut', message }, details: undefined };
  return { failure: { type: cause?.name ?? 'Error', message }, details: undefined };
}

/** Waits for the end of a run; however it ended is data, and only Temporal out of reach is an error. */
export async function awaitWorkflowEnd<T>(
  client: Client,
  { workflowId, runId }: RunReference,
): Promise<WorkflowEnd<T>> {
  try {
    return { result: (await client.workflow.getHandle(workflowId, runId).result()) as T };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return readFailure(error.cause);
  }
}

/** The run that a handle stands for: its own, else the latest one under its id. */
export async function resolveRun(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string | null },
): Promise<RunReference> {
  if (runId !== null) return { workflowId, runId };
  const description = await client.workflow.getHandle(workflowId).describe();
  return { workflowId, runId: description.runId };
}
