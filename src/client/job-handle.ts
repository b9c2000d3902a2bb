import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { JobResult } from '../contract/job.ts';
import type { ProviderName } from '../providers/registry.ts';
import { readJobResult } from './job-result.ts';
import { createJobObserver, type LiveSnapshot } from './live-snapshot.ts';
import { type WatchOptions, watchRun } from './watch.ts';
import { webLink } from './web-link.ts';
import { resolveRun } from './workflow-end.ts';

/** A started job: its result, its live snapshot, and the way to cancel it. */
export interface JobHandle {
  workflowId: string;
  /** `null` where the handle was made from a workflow id alone: it then stands for the latest run. */
  runId: string | null;
  /** The job in Temporal's Web UI; `null` where it is not known where that is. */
  webUrl: string | null;
  /** Waits for the end. A job that ended badly is a result too; only Temporal out of reach is an error. */
  result(): Promise<JobResult>;
  /** Where the job stands now; asks Temporal and the workflow, never the provider. */
  snapshot(): Promise<LiveSnapshot>;
  /** Yields a snapshot whenever something has changed, until the workflow has closed. */
  watch(options?: WatchOptions): AsyncIterable<LiveSnapshot>;
  /** Asks for cancellation; the result says what became of the job. Nothing happens to one that has ended. */
  cancel(): Promise<void>;
}

/** Asks for the cancellation of a workflow; one that has closed already is left as it is. */
export async function cancelWorkflow(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string | null },
): Promise<void> {
  const handle = client.workflow.getHandle(workflowId, runId ?? undefined);
  try {
    await handle.cancel();
  } catch (error) {
    // Temporal says "not found" of a closed one too; the description tells them apart.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await handle.describe();
  }
}

/** Makes the handle of a job. */
export function createJobHandle(
  client: Client,
  target: { workflowId: string; runId: string | null; provider: ProviderName },
  webUrl: string | undefined,
): JobHandle {
  const { workflowId, runId, provider } = target;
  const resolve = async () => ({ ...(await resolveRun(client, target)), provider });
  return {
    workflowId,
    runId,
    webUrl: webLink(client, target, webUrl),
    result: async () => readJobResult(client, await resolve()),
    snapshot: async () => createJobObserver(client, await resolve())(),
    async *watch(options = {}) {
      const run = await resolve();
      yield* watchRun(client, run, createJobObserver(client, run), options);
    },
    cancel: () => cancelWorkflow(client, target),
  };
}
