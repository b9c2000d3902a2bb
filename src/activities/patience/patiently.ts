import { setMaxListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Attempt } from './attempt.ts';
import { cleanError, createFailure } from './failure.ts';
import type { Pace } from './judge.ts';
import type { Stage } from './rules.ts';

// Each beat is an Action, and a cancellation reaches an attempt by a beat: soon in one that has just begun, within
// seconds in one that takes long. The server gives an attempt up after fifteen without one.
const firstBeatMs = 1000;
const mostBetweenBeatsMs = 5000;
const shareBetweenBeats = 1 / 60;

function toFailure(attempt: Attempt<unknown>, error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const verdict = attempt.judge(error);
  if (verdict !== null) {
    const { type, message, isFinal: nonRetryable, delayMs: nextRetryDelayMs } = verdict;
    return createFailure({ type, message, nonRetryable, nextRetryDelayMs });
  }
  // What breaks off when an attempt is told to stop is no error of anybody's.
  if (attempt.signal.aborted) return attempt.signal.reason as CancelledFailure;
  const clean = cleanError(error);
  attempt.leave(clean);
  return clean;
}

/** Beats by a timer until it is stopped, since bytes may stand still for longer than the server waits. */
function keepBeating(beat: () => void, firstMs: number): () => void {
  const beganAtMs = Date.now();
  const again = () => {
    beat();
    const sinceMs = Date.now() - beganAtMs;
    timer = setTimeout(again, Math.min(mostBetweenBeatsMs, Math.max(firstMs, sinceMs * shareBetweenBeats)));
  };
  let timer = setTimeout(again, firstMs);
  return () => {
    clearTimeout(timer);
  };
}

/**
 * Makes an activity that bears errors by the one table, and beats meanwhile. What an earlier attempt left stays until
 * this one has something to say.
 */
export function patiently<I, R, M = never>(
  pace: Pace,
  stage: Stage,
  activity: (input: I, attempt: Attempt<M>) => Promise<R>,
  beatsFirstAfterMs = firstBeatMs,
): (input: I) => Promise<R> {
  return async (input) => {
    const attempt = new Attempt<M>(stage, pace);
    const stopBeating = keepBeating(() => {
      attempt.beat();
    }, beatsFirstAfterMs);
    // Every part on its way listens for the cancellation; Node takes more than ten for a leak.
    setMaxListeners(100, attempt.signal);
    try {
      return await activity(input, attempt);
    } catch (error) {
      throw toFailure(attempt, error);
    } finally {
      stopBeating();
    }
  };
}

/** Aborts where the workflow gives the activity up, and not where only this attempt ends and another goes on. */
export function givenUpSignal(): AbortSignal {
  const context = Context.current();
  const givenUp = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    if (context.cancellationDetails?.cancelRequested === true) givenUp.abort(context.cancellationSignal.reason);
  });
  return givenUp.signal;
}
