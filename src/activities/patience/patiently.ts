import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { mediaWithinMs } from '../../contract/deadlines.ts';
import { type ErrorRow, type HeartbeatDetails, readHeartbeat } from '../../contract/messages.ts';
import { mayHaveHappened } from '../../providers/connection/provider-error.ts';
import { cleanError, createFailure } from './failure.ts';
import { judge, type Pace, rowAfter, type Verdict } from './judge.ts';
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
  /** The same, at once. */
  remember(memory: M): void;
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

const mostWithoutProgressMs = 24 * 3_600_000;

/**
 * The time to the end that the server has set, by which it ends the activity itself; where nobody gave a deadline, to a
 * day without progress, which is ours to end.
 */
function leftMs({ info }: Context, row: ErrorRow | null, { timeScale }: Pace): number {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs } = info;
  const nowMs = Date.now();
  if (scheduleToCloseTimeoutMs >= mediaWithinMs) {
    return (row?.beganMs ?? nowMs) + mostWithoutProgressMs / timeScale - nowMs;
  }
  if (scheduleToCloseTimeoutMs === 0) return Infinity;
  return Math.max(1, scheduledTimestampMs + scheduleToCloseTimeoutMs - nowMs);
}

class RunningAttempt<M> implements Attempt<M> {
  // Taken once: nothing here depends on where it is called from.
  readonly #context = Context.current();
  readonly signal = this.#context.cancellationSignal;
  readonly mayHaveHappened: boolean;
  stage: Stage;
  #details: HeartbeatDetails<M>;
  readonly #pace: Pace;
  #isUnsettled = false;
  #judged: { error: unknown; verdict: Verdict } | null = null;

  constructor(stage: Stage, pace: Pace) {
    const { attempt } = this.#context.info;
    const left: unknown = this.#context.info.heartbeatDetails;
    this.#details = readHeartbeat<M>(left);
    this.#pace = pace;
    this.stage = stage;
    const { errors } = this.#details;
    // An operator's reset counts from 1 again, but keeps what was left.
    const isFirst = attempt === 1 && left === undefined;
    // An attempt that left no error behind died, nobody knows where.
    this.mayHaveHappened = !isFirst && (errors?.attempt !== attempt - 1 || errors.mayHaveHappened);
  }

  get memory(): M | null {
    return this.#details.memory;
  }

  get errors(): ErrorRow | null {
    return this.#details.errors;
  }

  beat(): void {
    this.#context.heartbeat(this.#details);
  }

  keep(memory: M): void {
    this.#details = { ...this.#details, memory };
  }

  remember(memory: M): void {
    this.keep(memory);
    this.beat();
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
        // This attempt goes on: should it die, nobody knows where, and the error is not what it ended with.
        const verdict = this.signal.aborted || !isWorthIt(error) ? null : this.#take(error, this.errors?.attempt ?? 0);
        if (verdict === null || verdict.isFinal) throw error;
        await delay(verdict.delayMs, undefined, { signal: this.signal }).catch(() => undefined);
        this.signal.throwIfAborted();
      }
    }
  }

  judge(error: unknown): Verdict | null {
    return this.#take(error, this.#context.info.attempt);
  }

  /** Leaves an error that is none of ours: the next attempt learns that this one ended by it and did not die. */
  leave({ message }: Error): void {
    const { attempt } = this.#context.info;
    this.#leave(rowAfter('unknown', message, { row: this.errors, attempt, mayHaveHappened: this.#isOpen }));
  }

  get #isOpen(): boolean {
    return this.#isUnsettled || this.mayHaveHappened;
  }

  #take(error: unknown, attempt: number): Verdict | null {
    const { stage, errors: row } = this;
    // Who has judged an error may throw it on: it counts once.
    const judged = this.#judged;
    if (judged !== null && judged.error === error) return judged.verdict;
    const left = leftMs(this.#context, row, this.#pace);
    const circumstances = { row, attempt, stage, leftMs: left, mayHaveHappened: this.#isOpen };
    const verdict = judge(error, circumstances, this.#pace);
    if (verdict === null) return null;
    this.#judged = { error, verdict };
    this.#leave(verdict.row);
    return verdict;
  }

  #leave(errors: ErrorRow): void {
    this.#details = { ...this.#details, errors };
    this.beat();
  }
}

function toFailure(attempt: RunningAttempt<unknown>, error: unknown): Error {
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

/** Aborts where the workflow gives the activity up, and not where only this attempt ends and another goes on. */
export function givenUpSignal(): AbortSignal {
  const context = Context.current();
  const givenUp = new AbortController();
  context.cancellationSignal.addEventListener('abort', () => {
    if (context.cancellationDetails?.cancelRequested === true) givenUp.abort(context.cancellationSignal.reason);
  });
  return givenUp.signal;
}
