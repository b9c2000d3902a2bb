import type { Client } from '@temporalio/client';
import { type JobState, jobSnapshotQuery } from '../contract/messages.ts';
import type { RunReference } from './workflow-end.ts';

// A query without a workflow worker would hang for ever.
const answerWithinMs = 2000;

/** Asks a workflow what it knows about its job; `null` where nobody answers within two seconds. */
export async function queryJobState(client: Client, { workflowId, runId }: RunReference): Promise<JobState | null> {
  const handle = client.workflow.getHandle(workflowId, runId);
  try {
    return await client.connection.withDeadline(Date.now() + answerWithinMs, () =>
      handle.query<JobState>(jobSnapshotQuery),
    );
  } catch {
    return null;
  }
}
