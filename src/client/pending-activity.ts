import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { type ActivitySerializationContext, ApplicationFailure } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { readHeartbeat, type WaitDetails } from '../contract/messages.ts';
import type { JobSnapshot } from '../snapshot.ts';
import { type PollState, recallPollState } from '../polling/poll-state.ts';

/** What Temporal itself knows of the activity that a workflow waits for. */
export interface PendingActivity {
  /** The activity's name, for instance `fetchJobStatus`. */
  name: string;
  attempt: number;
  /** When the next attempt is due, ISO 8601; `null` while one runs. */
  nextAttemptAt: string | null;
  /** What went wrong last; `null` while all goes well, also where a job has merely not finished. */
  lastError: string | null;
  /** The last look at the job, how many this wait has made, and whether the job is late; absent for an activity that is not the wait. */
  wait: { snapshot: JobSnapshot | null; calls: number; isLate: boolean } | null;
}

const waitActivity = 'fetchJobStatus';

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function findPending({ raw }: WorkflowExecutionDescription): Pending | undefined {
  const pending = raw.pendingActivities ?? [];
  return pending.find(({ activityType }) => activityType?.name === waitActivity) ?? pending[0];
}

async function decode(client: Client, workflowId: string, pending: Pending) {
  const converter = client.options.loadedDataConverter;
  const { namespace } = client.options;
  const { activityId, heartbeatDetails, lastFailure } = pending;
  const owner: ActivitySerializationContext = { type: 'activity', namespace, workflowId, isLocal: false };
  const context = activityId ? { ...owner, activityId } : owner;
  const [heartbeat] = await decodeArrayFromPayloads(converter, heartbeatDetails?.payloads, context);
  return { heartbeat, failure: await decodeOptionalFailureToOptionalError(converter, lastFailure, context) };
}

function readWait(heartbeat: unknown, failure: Error | undefined, attempt: number): PendingActivity['wait'] {
  const written = readHeartbeat<PollState>(heartbeat).memory;
  // An attempt that was cut off leaves a failure that says nothing; it has made its request like the others.
  const state = written === null ? null : recallPollState(written, attempt);
  const details = failure instanceof ApplicationFailure ? (failure.details?.[0] as WaitDetails | undefined) : undefined;
  // Each look that did not end the wait has left its failure; a heartbeat only where something changed.
  const { snapshot = null, statusCalls = 0, isLate = state?.isLate === true } = details ?? {};
  return {
    snapshot: snapshot ?? state?.snapshot ?? null,
    calls: Math.max(statusCalls, state?.calls ?? 0),
    isLate,
  };
}

function readLastError(isWait: boolean, heartbeat: unknown, failure: Error | undefined): string | null {
  const isBenign = failure instanceof ApplicationFailure && failure.type === 'JobNotFinished';
  const known = readHeartbeat(heartbeat).errors?.words ?? null;
  return isWait && isBenign ? known : (failure?.message ?? known);
}

/** Reads the pending activity out of a description, decoded by the client's own data converter. */
export async function readPendingActivity(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<PendingActivity | null> {
  const pending = findPending(description);
  if (pending === undefined) return null;
  const name = pending.activityType?.name ?? 'unknown';
  const { heartbeat, failure } = await decode(client, description.workflowId, pending);
  const isWait = name === waitActivity;
  const next = optionalTsToDate(pending.nextAttemptScheduleTime);
  return {
    name,
    attempt: pending.attempt ?? 1,
    nextAttemptAt: next?.toISOString() ?? null,
    lastError: readLastError(isWait, heartbeat, failure),
    wait: isWait ? readWait(heartbeat, failure, pending.attempt ?? 1) : null,
  };
}
