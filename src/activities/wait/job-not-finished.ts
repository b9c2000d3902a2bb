import type { ApplicationFailure } from '@temporalio/common';
import type { ErrorRow, WaitDetails } from '../../contract/messages.ts';
import { formatDuration } from '../../polling/duration.ts';
import type { PollState } from '../../polling/poll-state.ts';
import { createFailure } from '../patience/failure.ts';
import type { Verdict } from '../patience/judge.ts';
import { clipBytes } from './observe-resource.ts';

type Seen = Pick<PollState, 'snapshot' | 'calls' | 'isLate'>;

/** Where a wait stands, in at most 500 bytes. */
export function describeWait(
  title: string,
  { snapshot, statusSinceMs, calls, isLate }: PollState,
  errors: ErrorRow | null,
): string {
  const asked = `${String(calls)} status ${calls === 1 ? 'call' : 'calls'} so far`;
  const trouble = errors === null ? '' : ` ${String(errors.failures)} in a row failed, last: ${errors.words}`;
  if (snapshot === null) return clipBytes(`${title} has not answered yet; ${asked}.${trouble}`, 500);
  const since = statusSinceMs === null ? '' : ` for ${formatDuration(Date.now() - statusSinceMs)}`;
  const { progress } = snapshot;
  const done = progress === null ? '' : `, ${String(progress.done)} of ${String(progress.total)} ${progress.unit}`;
  const stands = `${title} is ${snapshot.status} (${snapshot.phase ?? 'phase unknown'})${since}${done}`;
  const late = isLate === true ? ' It takes longer than 99.9 % of such jobs have.' : '';
  return clipBytes(`${stands}; ${asked}.${late}${trouble}`, 500);
}

const detailsOf = ({ snapshot, calls, isLate }: Seen, nextLookAt: string | null): WaitDetails => ({
  snapshot,
  statusCalls: calls,
  nextLookAt,
  ...(isLate === true ? { isLate } : {}),
});

/** The benign failure by which an attempt hands a wait back to the server; that of a status is under 2 KiB as a whole. */
export function jobNotFinished(
  words: string,
  nextRetryDelayMs: number,
  seen: Seen = { snapshot: null, calls: 0 },
): ApplicationFailure {
  const nextLookAt = new Date(Date.now() + nextRetryDelayMs).toISOString();
  const message = `${words} Next check at ${nextLookAt}.`;
  return createFailure({ type: 'JobNotFinished', message, nextRetryDelayMs, details: [detailsOf(seen, nextLookAt)] });
}

/** The end of a wait that an error has decided. */
export function waitFailed({ type, message }: Pick<Verdict, 'type' | 'message'>, state: PollState): ApplicationFailure {
  return createFailure({ type, message, nonRetryable: true, details: [detailsOf(state, null)] });
}

/** The end of a wait whose last look was made at the deadline; a key that was refused until then is the reason itself. */
export function deadlinePassed(title: string, state: PollState, errors: ErrorRow | null): ApplicationFailure {
  const isRefused = errors?.kind === 'credential-refused' || errors?.kind === 'configuration-refused';
  const message = `The deadline has passed: ${describeWait(title, state, errors)}`;
  return waitFailed({ type: isRefused ? 'CredentialRejected' : 'DeadlineExceeded', message }, state);
}
