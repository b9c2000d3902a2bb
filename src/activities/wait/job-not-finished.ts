import type { ApplicationFailure } from '@temporalio/common';
import { formatDuration } from '../../polling/duration.ts';
import type { ProviderError } from '../../providers/connection/provider-error.ts';
import type { WaitDetails } from '../../contract/messages.ts';
import type { PollState } from '../../polling/poll-state.ts';
import { clipBytes } from './observe-resource.ts';
import { createFailure, failureRules } from '../patience/to-application-failure.ts';

const refusalWindowMs = 120_000;
const fewestRefusals = 3;
const confirmingReads = 3;

/** Whether an error ends the wait: what waiting does not cure, a confirmed 404, a key refused for two minutes. */
export function isFinalError(error: ProviderError, state: PollState, timeScale: number): boolean {
  if (error.kind === 'not-found') return state.notFound >= confirmingReads;
  if (error.kind === 'credential-refused') {
    const refusedForMs = Date.now() - (state.refusedSinceMs ?? Date.now());
    return state.refusals >= fewestRefusals && refusedForMs * timeScale >= refusalWindowMs;
  }
  return failureRules[error.kind].attempts !== Infinity;
}

function describe(title: string, { snapshot, statusSinceMs, calls, lastError, consecutiveErrors }: PollState): string {
  const asked = `${String(calls)} status ${calls === 1 ? 'call' : 'calls'} so far`;
  const trouble = lastError === null ? '' : ` ${String(consecutiveErrors)} in a row failed, last: ${lastError}`;
  if (snapshot === null) return `${title} has not answered yet; ${asked}.${trouble}`;
  const since = statusSinceMs === null ? '' : ` for ${formatDuration(Date.now() - statusSinceMs)}`;
  const { progress } = snapshot;
  const done = progress === null ? '' : `, ${String(progress.done)} of ${String(progress.total)} ${progress.unit}`;
  return `${title} is ${snapshot.status} (${snapshot.phase ?? 'phase unknown'})${since}${done}; ${asked}.${trouble}`;
}

/** The benign failure by which an attempt hands the wait back to the server; it stays under 2 KiB as a whole. */
export function jobNotFinished(title: string, state: PollState, delayMs: number): ApplicationFailure {
  const nextLookAt = new Date(Date.now() + delayMs).toISOString();
  const details: WaitDetails = { snapshot: state.snapshot, statusCalls: state.calls, nextLookAt };
  const message = `${clipBytes(describe(title, state), 500)} Next check at ${nextLookAt}.`;
  return createFailure({
    type: 'JobNotFinished',
    message,
    benign: true,
    nextRetryDelayMs: delayMs,
    details: [details],
  });
}

/** The end of a wait whose last look was made at the deadline. */
export function deadlineExceeded(title: string, state: PollState): ApplicationFailure {
  const details: WaitDetails = { snapshot: state.snapshot, statusCalls: state.calls, nextLookAt: null };
  const message = `The deadline has passed: ${clipBytes(describe(title, state), 500)}`;
  return createFailure({ type: 'DeadlineExceeded', message, nonRetryable: true, details: [details] });
}
