import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ErrorRow, HeartbeatDetails } from '../../src/contract/messages.ts';

/** What Temporal tells an activity about itself. */
export type AttemptInfo = NonNullable<ConstructorParameters<typeof MockActivityEnvironment>[0]>;

/** How one attempt ended, and what it left. */
export interface EndedAttempt<R> {
  result: R | null;
  /** What it threw; `null` where it gave a result. */
  error: unknown;
  /** The details of each of its heartbeats. */
  beats: HeartbeatDetails<unknown>[];
}

// Attempts that fail are what these tests are about.
const logger = new DefaultLogger('ERROR');

/** An attempt whose failures are not logged, of an activity that has an hour; by its own info a later one. */
export function inAttempt(info: Partial<AttemptInfo> = {}): MockActivityEnvironment {
  const hour = { scheduledTimestampMs: Date.now(), scheduleToCloseTimeoutMs: 3_600_000 };
  return new MockActivityEnvironment({ ...hour, ...info }, { logger });
}

/** Runs one attempt to its end. */
export async function endOf<I, R>(
  activity: (input: I) => Promise<R>,
  input: I,
  environment = inAttempt(),
): Promise<EndedAttempt<R>> {
  const beats: HeartbeatDetails<unknown>[] = [];
  environment.on('heartbeat', (details: HeartbeatDetails<unknown>) => beats.push(details));
  try {
    const result: R = await environment.run(activity, input);
    return { result, error: null, beats };
  } catch (error) {
    return { result: null, error, beats };
  }
}

/** Runs attempts of one activity in turn, each with what those before it left in their heartbeats. */
export class Attempts<I, R> {
  readonly #activity: (input: I) => Promise<R>;
  readonly #input: I;
  #left: unknown;
  #attempt = 0;

  /** `left` is what an attempt of which nobody else knows has left. */
  constructor(activity: (input: I) => Promise<R>, input: I, left?: unknown) {
    this.#activity = activity;
    this.#input = input;
    this.#left = left;
    if (left !== undefined) this.#attempt = 1;
  }

  /** The next attempt. */
  async next(info: Partial<AttemptInfo> = {}): Promise<EndedAttempt<R>> {
    this.died();
    const environment = inAttempt({ attempt: this.#attempt, heartbeatDetails: this.#left, ...info });
    const end = await endOf(this.#activity, this.#input, environment);
    this.#left = end.beats.at(-1) ?? this.#left;
    return end;
  }

  /** The next attempt began and nobody ever heard of it again. */
  died(): void {
    this.#attempt += 1;
  }
}

/** A row of one error, made otherwise by what is given. */
export function rowOf(kind: string, change: Partial<ErrorRow> = {}): ErrorRow {
  return {
    ...{ kind, count: 1, sinceMs: 1000, failures: 1, beganMs: 1000, words: 'before', attempt: 1 },
    ...{ mayHaveHappened: false },
    ...change,
  };
}
