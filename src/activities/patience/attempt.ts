import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { mediaWithinMs } from '../../contract/deadlines.ts';
import { type ErrorRow, type HeartbeatDetails, readHeartbeat } from '../../contract/messages.ts';
import { mayHaveHappened } from '../../providers/connection/provider-error.ts';
import { judge, type Pace, rowAfter, type Verdict } from './judge.ts';
import type { Stage } from './rules.ts';

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

/** One attempt at an activity: what came before it, and what it leaves to the next one. */
export class Attempt<M> {
  // Taken once: nothing here depends on where it is called from.
  readonly #context = Context.current();
  /** Aborts where the activity is cancelled or this worker stops. */
  readonly signal = this.#context.cancellationSignal;
  /** Whether a request that an earlier attempt made through `once` may have been taken by the provider. */
  readonly mayHaveHappened: boolean;
  /** Where the job stands from now on. */
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

  /** What was remembered last, by this attempt or an earlier one. */
  get memory(): M | null {
    return this.#details.memory;
  }

  /** Since the last progress. */
  get errors(): ErrorRow | null {
    return this.#details.errors;
  }

  /** Tells the server that this attempt lives, and what it leaves to the next one. */
  beat(): void {
    this.#context.heartbeat(this.#details);
  }

  /** Replaces what the next attempt would find, at once. */
  remember(memory: M): void {
    this.#keep({ memory });
  }

  /** Ends the row of errors: something got through. */
  progressed(): void {
    if (this.errors !== null) this.#keep({ errors: null });
  }

  /** Makes a request that changes something, so that the next attempt knows whether it may have been taken. */
  async once<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      this.#isUnsettled ||= mayHaveHappened(error);
      throw error;
    }
  }

  /** Tries within this attempt for as long as the error is worth it and its patience lasts. */
  async repeat<T>(request: () => Promise<T>, isWorthIt: (error: unknown) => boolean): Promise<T> {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        // This attempt goes on: should it die, nobody knows where, and the error is not what it ended with.
        const verdict = this.signal.aborted || !isWorthIt(error) ? null : this.judge(error, this.errors?.attempt ?? 0);
        if (verdict === null || verdict.isFinal) throw error;
        await delay(verdict.delayMs, undefined, { signal: this.signal }).catch(() => undefined);
        this.signal.throwIfAborted();
      }
    }
  }

  /** Takes an error in, which ended an attempt, unless told otherwise this one; `null` for one that is none of ours. */
  judge(error: unknown, attempt = this.#context.info.attempt): Verdict | null {
    // Who has judged an error may throw it on: it counts once.
    if (this.#judged !== null && this.#judged.error === error) return this.#judged.verdict;
    const { stage, errors: row } = this;
    const left = leftMs(this.#context, row, this.#pace);
    const circumstances = { row, attempt, stage, leftMs: left, mayHaveHappened: this.#isOpen };
    const verdict = judge(error, circumstances, this.#pace);
    if (verdict === null) return null;
    this.#judged = { error, verdict };
    this.#keep({ errors: verdict.row });
    return verdict;
  }

  /** Leaves an error that is none of ours: the next attempt learns that this one ended by it and did not die. */
  leave({ message }: Error): void {
    const { attempt } = this.#context.info;
    this.#keep({ errors: rowAfter('unknown', message, { row: this.errors, attempt, mayHaveHappened: this.#isOpen }) });
  }

  get #isOpen(): boolean {
    return this.#isUnsettled || this.mayHaveHappened;
  }

  #keep(change: Partial<HeartbeatDetails<M>>): void {
    this.#details = { ...this.#details, ...change };
    this.beat();
  }
}
