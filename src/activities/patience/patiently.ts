import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo, cancellationSignal, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { mediaWithinMs } from '../../contract/deadlines.ts';
import { type ErrorRow, type HeartbeatDetails, readHeartbeat } from '../../contract/messages.ts';
import { mayHaveHappened } from '../../providers/connection/provider-error.ts';
import { cleanError, createFailure } from './failure.ts';
import { judge, type Pace, type Verdict } from './judge.ts';
import type { Stage } from './rules.ts';

/** One attempt at an activity: what came before it, and what it leaves to the next one. */
export interface Attempt<M> {
  /** What was remembered last, by this attempt or an earlier one. */
  readonly memory: M | null;
  /** Since the last progress. */
  readonly errors: ErrorRow | null;
  /** Aborts where the activity is cancelled or this worker stops. */
  readonly signal: AbortSignal;
  /** Whether a request that an earlier attempt made through `once` may have been taken by the provider. */
  readonly mayHaveHappened: boolean;
  /** Where the job stands from now on. */
  stage: Stage;
  /** Replaces what the next attempt would find; it goes along with the next beat. */
  keep(memory: M): void;
  /** The same, at once; resolves when that is on its way to the server. */
  remember(memory: M): Promise<void>;
  /** Tells the server that this attempt lives, and what it leaves to the next one. */
  beat(): void;
  /** Ends the row of errors: something got through. */
  progressed(): void;
  /** Makes a request that changes something, so that the next attempt knows whether it may have been taken. */
  once<T>(request: () => Promise<T>): Promise<T>;
  /** Tries within this attempt for as long as the error is worth it and its patience lasts. */
  repeat<T>(request: () => Promise<T>, isWorthIt: (error: unknown) => boolean): Promise<T>;
  /** Takes an error in; `null` for one that is none of ours. */
  judge(error: unknown): Verdict | null;
}

const beatEveryMs = 1000;
// The SDK holds back what follows a heartbeat for this long: `maxHeartbeatThrottleInterval` of the workers, and a little.
const throttleMs = 1050;

const mostWithoutProgressMs = 24 * 3_600_000;

/**
 * The time to the end that the server has set, by which it ends the activity itself; where nobody gave a deadline, to a
 * day without progress, which is ours to end.
 */
function leftMs(row: ErrorRow | null, { timeScale }: Pace): number {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs } = activityInfo();
  if (scheduleToCloseTimeoutMs >= mediaWithinMs) {
    return (row?.sinceMs ?? Date.now()) + mostWithoutProgressMs / timeScale - Date.now();
  }
  if (scheduleToCloseTimeoutMs === 0) return Infinity;
  return Math.max(1, scheduledTimestampMs + scheduleToCloseTimeoutMs - Date.now());
}

class RunningAttempt<M> implements Attempt<M> {
  readonly signal = cancellationSignal();
  readonly mayHaveHappened: boolean;
  stage: Stage;
  #details: HeartbeatDetails<M>;
  readonly #pace: Pace;
  readonly #context = Context.current();
  #isUnsettled = false;
  #lastBeatMs = -Infinity;
  #judged: { error: unknown; verdict: Verdict } | null = null;

  constructor(stage: Stage, pace: Pace) {
    const { attempt } = this.#context.info;
    this.#details = readHeartbeat<M>(this.#context.info.heartbeatDetails);
    this.#pace = pace;
    this.stage = stage;
    const { errors } = this.#details;
    // An attempt that left no error behind died, nobody knows where.
    this.mayHaveHappened = attempt > 1 && (errors?.attempt !== attempt - 1 || errors.mayHaveHappened);
  }

  get memory(): M | null {
    return this.#details.memory;
  }

  get errors(): ErrorRow | null {
    return this.#details.errors;
  }

  beat(): void {
    this.#lastBeatMs = performance.now();
    // Within the activity's context, wherever the caller is.
    this.#context.heartbeat(this.#details);
  }

  keep(memory: M): void {
    this.#details = { ...this.#details, memory };
  }

  async remember(memory: M): Promise<void> {
    this.keep(memory);
    const heldBackMs = this.#lastBeatMs + throttleMs - performance.now();
    this.beat();
    if (heldBackMs > 0) await delay(heldBackMs);
  }

  progressed(): void {
    if (this.#details.errors === null) return;
    this.#details = { ...this.#details, errors: null };
    this.beat();
  }

  async once<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      this.#isUnsettled ||= mayHaveHappened(error);
      throw error;
    }
  }

  async repeat<T>(request: () => Promise<T>, isWorthIt: (error: unknown) => boolean): Promise<T> {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        const verdict = this.signal.aborted || !isWorthIt(error) ? null : this.judge(error);
        if (verdict === null || verdict.isFinal) throw error;
        await delay(verdict.delayMs, undefined, { signal: this.signal }).catch(() => undefined);
        this.signal.throwIfAborted();
      }
    }
  }

  judge(error: unknown): Verdict | null {
    // Who has judged an error may throw it on: it counts once.
    const judged = this.#judged;
    if (judged !== null && judged.error === error) return judged.verdict;
    const { attempt } = this.#context.info;
    const { stage, errors: row } = this;
    const unsettled = this.#isUnsettled || this.mayHaveHappened;
    const circumstances = { row, attempt, stage, leftMs: leftMs(row, this.#pace), mayHaveHappened: unsettled };
    const verdict = judge(error, circumstances, this.#pace);
    if (verdict === null) return null;
    this.#judged = { error, verdict };
    this.#details = { ...this.#details, errors: verdict.row };
    this.beat();
    return verdict;
  }
}

function toFailure(attempt: Attempt<unknown>, error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const verdict = attempt.judge(error);
  if (verdict === null) return cleanError(error);
  const { type, message, isFinal: nonRetryable, delayMs: nextRetryDelayMs } = verdict;
  return createFailure({ type, message, nonRetryable, nextRetryDelayMs });
}

/**
 * Makes an activity that bears errors by the one table. It beats each second, by a timer: bytes may stand still for
 * longer than the server waits, and a cancellation reaches an attempt only through its heartbeats. What an earlier
 * attempt left stays until this one has something to say.
 */
export function patiently<I, R, M = never>(
  pace: Pace,
  stage: Stage,
  activity: (input: I, attempt: Attempt<M>) => Promise<R>,
): (input: I) => Promise<R> {
  return async (input) => {
    const attempt = new RunningAttempt<M>(stage, pace);
    const timer = setInterval(() => {
      attempt.beat();
    }, beatEveryMs);
    // Every part on its way listens for the cancellation; Node takes more than ten for a leak.
    setMaxListeners(100, attempt.signal);
    try {
      return await activity(input, attempt);
    } catch (error) {
      throw toFailure(attempt, error);
    } finally {
      clearInterval(timer);
    }
  };
}

/** Aborts where the workflow gives the activity up, and not where only this worker stops and another goes on. */
export function givenUpSignal(): AbortSignal {
  const context = Context.current();
  const givenUp = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    if (context.cancellationDetails?.workerShutdown !== true) givenUp.abort(context.cancellationSignal.reason);
  });
  return givenUp.signal;
}
