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

function fromTimeout(failure: TimeoutFailure): FailureFacts {
  const { memory: state, errors } = readHeartbeat<PollState>(failure.lastHeartbeatDetails);
  const known = failure.cause instanceof ApplicationFailure ? fromApplicationFailure(failure.cause) : null;
  return {
    type: 'DeadlineExceeded',
    message:
      known?.message ??
      (errors === null
        ? 'The deadline has passed and no worker could look at the job in time.'
        : `Not done before the deadline: ${errors.words}`),
    snapshot: state?.snapshot ?? known?.snapshot ?? null,
    statusCalls: state?.calls ?? known?.statusCalls ?? null,
  };
}

/** Reads our failure out of what Temporal wraps around it; `null` for an error that is not one of ours. */
export function readFailureFacts(error: unknown): FailureFacts | null {
  if (error instanceof ApplicationFailure) return fromApplicationFailure(error);
  if (error instanceof TimeoutFailure) return fromTimeout(error);
  if (!(error instanceof ActivityFailure || error instanceof ChildWorkflowFailure)) return null;
  // Whatever ended an activity ends the job in our words, so that its parents hear of it.
  const { message } = error.cause ?? error;
  const unknown: FailureFacts = { type: 'UnexpectedResponse', message, snapshot: null, statusCalls: null };
  const facts = readFailureFacts(error.cause) ?? unknown;
  // The server gives up on a retry that would come after the deadline and hands over what was last in the way.
  if (error.retryState !== RetryState.TIMEOUT || facts.type === 'DeadlineExceeded') return facts;
  // A key that was refused until then is the reason itself.
  if (facts.type === 'CredentialRejected') return facts;
  return { ...facts, type: 'DeadlineExceeded', message: `Not done before the deadline: ${facts.message}` };
}
