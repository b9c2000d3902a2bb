import type { ApplicationFailure } from '@temporalio/common';
import type { ErrorRow, WaitDetails } from '../../contract/messages.ts';
import { formatDuration } from '../../polling/duration.ts';
import type { PollState } from '../../polling/poll-state.ts';
import { createFailure } from '../patience/failure.ts';
import type { Verdict } from '../patience/judge.ts';
import { clipBytes } from './observe-resource.ts';

function describe(title: string, { snapshot, statusSinceMs, calls }: PollState, errors: ErrorRow | null): string {
  const asked = `${String(calls)} status ${calls === 1 ? 'call' : 'calls'} so far`;
  const trouble = errors === null ? '' : ` ${String(errors.failures)} in a row failed, last: ${errors.words}`;
  if (snapshot === null) return `${title} has not answered yet; ${asked}.${trouble}`;
  const since = statusSinceMs === null ? '' : ` for ${formatDuration(Date.now() - statusSinceMs)}`;
  const { progress } = snapshot;
  const done = progress === null ? '' : `, ${String(progress.done)} of ${String(progress.total)} ${progress.unit}`;
  return `${title} is ${snapshot.status} (${snapshot.phase ?? 'phase unknown'})${since}${done}; ${asked}.${trouble}`;
}

const detailsOf = ({ snapshot, calls }: PollState, nextLookAt: string | null): WaitDetails => ({
  snapshot,
  statusCalls: calls,
  nextLookAt,
});

/** The benign failure by which an attempt hands the wait back to the server; it stays under 2 KiB as a whole. */
export function jobNotFinished(
  title: string,
  state: PollState,
  errors: ErrorRow | null,
  delayMs: number,
): ApplicationFailure {
  const nextLookAt = new Date(Date.now() + delayMs).toISOString();
  const message = `${clipBytes(describe(title, state, errors), 500)} Next check at ${nextLookAt}.`;
  return createFailure({
    type: 'JobNotFinished',
    message,
    benign: true,
    nextRetryDelayMs: delayMs,
    details: [detailsOf(state, nextLookAt)],
  });
}

/** The end of a wait that an error has decided. */
export function waitFailed({ type, message }: Pick<Verdict, 'type' | 'message'>, state: PollState): ApplicationFailure {
  return createFailure({ type, message, nonRetryable: true, details: [detailsOf(state, null)] });
}

/** The end of a wait whose last look was made at the deadline; a key that was refused until then is the reason itself. */
export function deadlinePassed(title: string, state: PollState, errors: ErrorRow | null): ApplicationFailure {
  const isRefused = errors?.kind === 'credential-refused' || errors?.kind === 'configuration-refused';
  const message = `The deadline has passed: ${clipBytes(describe(title, state, errors), 500)}`;
  return waitFailed({ type: isRefused ? 'CredentialRejected' : 'DeadlineExceeded', message }, state);
}
