import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  RetryState,
  TimeoutFailure,
} from '@temporalio/common';
import { readHeartbeat, type WaitDetails } from '../../contract/messages.ts';
import type { FailureType } from '../../contract/failures.ts';
import { isFailureType } from '../../contract/failures.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import type { PollState } from '../../polling/poll-state.ts';

/** What a failed activity says, in our words. */
export interface FailureFacts {
  type: FailureType;
  message: string;
  snapshot: JobSnapshot | null;
  statusCalls: number | null;
}

function fromApplicationFailure(failure: ApplicationFailure): FailureFacts | null {
  if (!isFailureType(failure.type)) return null;
  const [details] = (failure.details ?? []) as [WaitDetails?];
  // A wait that the server cut off ends with its last "not finished": to the caller that is the deadline.
  const type = failure.type === 'JobNotFinished' ? 'DeadlineExceeded' : failure.type;
  const message = type === failure.type ? failure.message : `The deadline has passed: ${failure.message}`;
  return { type, message, snapshot: details?.snapshot ?? null, statusCalls: details?.statusCalls ?? null };
}

// What a key or the result store refused until then is the reason itself.
const reasons: ReadonlySet<FailureType> = new Set(['DeadlineExceeded', 'CredentialRejected', 'ResultStoreFailed']);

function notDone(facts: FailureFacts): FailureFacts {
  if (reasons.has(facts.type)) return facts;
  return { ...facts, type: 'DeadlineExceeded', message: `Not done before the deadline: ${facts.message}` };
}

function fromTimeout(failure: TimeoutFailure, what: string): FailureFacts {
  const { memory, errors } = readHeartbeat<PollState>(failure.lastHeartbeatDetails);
  const silence = `The deadline has passed: ${what} had no answer by then, or no worker with a free slot.`;
  const message = errors === null ? silence : `Not done before the deadline: ${errors.words}`;
  const cause = failure.cause instanceof ApplicationFailure ? fromApplicationFailure(failure.cause) : null;
  const known = cause === null ? null : notDone(cause);
  const inTheWay = errors?.type !== undefined && reasons.has(errors.type) ? errors.type : 'DeadlineExceeded';
  return {
    type: known?.type ?? inTheWay,
    message: known?.message ?? message,
    // A heartbeat is written where something changed, the last attempt's failure each time.
    snapshot: known?.snapshot ?? memory?.snapshot ?? null,
    statusCalls: known?.statusCalls ?? memory?.calls ?? null,
  };
}

/** Reads our failure out of what Temporal wraps around it; `null` for an error that is not one of ours. */
export function readFailureFacts(error: unknown): FailureFacts | null {
  if (error instanceof ApplicationFailure) return fromApplicationFailure(error);
  if (!(error instanceof ActivityFailure || error instanceof ChildWorkflowFailure)) return null;
  const { cause, retryState } = error;
  const what = error instanceof ActivityFailure ? error.activityType : error.workflowType;
  // Whatever ended an activity ends the job in our words, so that its parents hear of it.
  const { message } = cause ?? error;
  const unknown: FailureFacts = { type: 'UnexpectedResponse', message, snapshot: null, statusCalls: null };
  const facts = (cause instanceof TimeoutFailure ? fromTimeout(cause, what) : readFailureFacts(cause)) ?? unknown;
  // The server gives up on a retry that would come after the deadline and hands over what was last in the way.
  return retryState === RetryState.TIMEOUT ? notDone(facts) : facts;
}
