import { getEventListeners } from 'node:events';
import {
  ActivityCancellationDetails,
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  DefaultPayloadConverter,
} from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { createFailure, refuse } from '../../../src/activities/patience/failure.ts';
import type { Attempt } from '../../../src/activities/patience/attempt.ts';
import { givenUpSignal, patiently } from '../../../src/activities/patience/patiently.ts';
import type { Stage } from '../../../src/activities/patience/rules.ts';
import { mediaWithinMs } from '../../../src/contract/deadlines.ts';
import { ProviderError, type ProviderErrorFacts } from '../../../src/providers/connection/provider-error.ts';
import { Attempts, endOf, inAttempt } from '../../setup/attempts.ts';
import { eventually } from '../../setup/eventually.ts';

type Body = (attempt: Attempt<string>) => Promise<unknown>;

const pace = { timeScale: 1, random: () => 0.5 };
const errorOf = (kind: ProviderErrorFacts['kind'], facts: Partial<ProviderErrorFacts> = {}) =>
  new ProviderError({ kind, operation: 'read a thing', status: 500, words: 'no', ...facts });
const outage = errorOf('unavailable', { status: 503 });
const lost = errorOf('unavailable', { status: undefined });
const refused = errorOf('rejected', { status: 400 });
const slow = errorOf('rate-limited', { status: 429 });
const failing =
  (error: Error): Body =>
  () =>
    Promise.reject(error);
const once =
  (error: Error): Body =>
  (attempt) =>
    attempt.once(() => Promise.reject(error));

const make = (body: Body, stage: Stage = 'exists', timeScale = 1) =>
  patiently<Body | null, unknown, string>({ ...pace, timeScale }, stage, (own, attempt) => (own ?? body)(attempt));
const run = (body: Body, ...info: Parameters<typeof inAttempt>) => endOf(make(body), null, inAttempt(...info));
const failureOf = (error: unknown) => {
  if (!(error instanceof ApplicationFailure)) throw new Error(`${String(error)} is no failure of ours`);
  return error;
};
const recorded = (error: unknown) =>
  JSON.stringify(new DefaultFailureConverter().errorToFailure(error, new DefaultPayloadConverter()));

/** Attempts that each do something else. */
class Course {
  readonly #attempts: Attempts<Body | null, unknown>;
  body: Body = failing(outage);

  constructor(stage: Stage = 'exists', left?: unknown) {
    const activity = make((attempt) => this.body(attempt), stage);
    this.#attempts = new Attempts<Body | null, unknown>(activity, null, left);
  }

  async next(body: Body, info: Parameters<typeof inAttempt>[0] = {}) {
    this.body = body;
    return this.#attempts.next(info);
  }

  died(): void {
    this.#attempts.died();
  }
}

describe('an attempt that fails', () => {
  it('fails as the table says, and when the next one is due', async () => {
    const { error } = await run(failing(errorOf('rate-limited', { retryAfterMs: 7000, status: 429 })));
    expect(error).toMatchObject({ type: 'RateLimited', nonRetryable: false, message: expect.any(String) as string });
    expect(failureOf(error).message).toBe('Could not read a thing (HTTP 429): no');
    expect(Number(failureOf(error).nextRetryDelay)).toBeGreaterThanOrEqual(7000);
    expect(Number(failureOf(error).nextRetryDelay)).toBeLessThan(9000);
    expect(await run(failing(refused))).toMatchObject({ error: { type: 'RequestRejected', nonRetryable: true } });
  });

  it('records no stack', async () => {
    expect(recorded((await run(failing(outage))).error)).not.toContain('at ');
  });

  it('comes back before the deadline that the server has set', async () => {
    const dayMs = 24 * 3_600_000;
    const error = errorOf('rate-limited', { retryAfterMs: dayMs });
    const begunMs = { scheduledTimestampMs: Date.now() - 50_000 };
    const bounded = failureOf((await run(failing(error), { ...begunMs, scheduleToCloseTimeoutMs: 60_000 })).error);
    expect(Number(bounded.nextRetryDelay)).toBeGreaterThan(5000);
    expect(Number(bounded.nextRetryDelay)).toBeLessThan(10_000);
    const unbounded = failureOf((await run(failing(error), { ...begunMs, scheduleToCloseTimeoutMs: 0 })).error);
    expect(Number(unbounded.nextRetryDelay)).toBeGreaterThanOrEqual(dayMs);
  });

  test.each([
    createFailure({ type: 'JobNotFinished', message: 'waits' }),
    new CancelledFailure('cancelled by somebody'),
  ])('passes on what Temporal knows already: %s', async (failure) => {
    const { error, beats } = await run(failing(failure));
    expect(error).toBe(failure);
    expect(beats).toEqual([]);
  });

  it('passes on the refusal of an input', async () => {
    const { error } = await run(() => Promise.resolve(refuse('id: is not valid')));
    expect(error).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
  });

  it('records an error that nobody expected without its secrets, and leaves it to the policy', async () => {
    const { error, beats } = await run(failing(new TypeError('failed at https://b.example/k?sig=SECRET')));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'TypeError', message: 'failed at https://b.example/k?[redacted]' });
    expect(error).not.toBeInstanceOf(ApplicationFailure);
    expect(recorded(error) + JSON.stringify(beats)).not.toContain('SECRET');
  });
});

describe('errors in a row', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-06T08:49:37Z') });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
  const isFinal = ({ error }: { error: unknown }) => failureOf(error).nonRetryable;
  const unauthorised = failing(errorOf('credential-refused', { status: 401 }));

  it('end an attempt for good by the time since the first', async () => {
    const course = new Course('before');
    expect(isFinal(await course.next(unauthorised))).toBe(false);
    later(60_000);
    expect(isFinal(await course.next(unauthorised))).toBe(false);
    later(59_999);
    expect(isFinal(await course.next(unauthorised))).toBe(false);
    later(1);
    expect(isFinal(await course.next(unauthorised))).toBe(true);
  });

  it('take three tries, however long the first two took', async () => {
    const course = new Course('before');
    await course.next(unauthorised);
    later(3_600_000);
    expect(isFinal(await course.next(unauthorised))).toBe(false);
    expect(isFinal(await course.next(unauthorised))).toBe(true);
  });

  it('are borne longer once the job exists, also where that is learnt on the way', async () => {
    const course = new Course('before');
    const learning: Body = (attempt) => {
      attempt.stage = 'exists';
      return unauthorised(attempt);
    };
    for (let tries = 1; tries < 10; tries += 1) {
      expect(isFinal(await course.next(learning))).toBe(false);
      later(3_600_000);
    }
    expect(isFinal(await course.next(unauthorised))).toBe(true);
  });

  it('begin anew after progress', async () => {
    const course = new Course('before');
    await course.next(unauthorised);
    await course.next(unauthorised);
    later(3_600_000);
    const { error, beats } = await course.next((attempt) => {
      expect(attempt.errors).toMatchObject({ count: 2 });
      attempt.progressed();
      expect(attempt.errors).toBeNull();
      return unauthorised(attempt);
    });
    expect(failureOf(error).nonRetryable).toBe(false);
    expect(beats.map(({ errors }) => errors?.count ?? null)).toEqual([null, 1]);
  });

  it('are told to whoever looks, and to the next attempt', async () => {
    const course = new Course();
    await course.next(failing(slow));
    await course.next(failing(outage));
    const { beats } = await course.next(failing(outage));
    expect(beats.at(-1)?.errors).toEqual({
      ...{
        kind: 'unavailable',
        type: 'ProviderUnavailable',
        count: 2,
        failures: 3,
        attempt: 3,
        mayHaveHappened: false,
      },
      ...{ sinceMs: Date.now(), beganMs: Date.now() },
      words: 'Could not read a thing (HTTP 503): no',
    });
    expect(await course.next((attempt) => Promise.resolve(attempt.errors?.failures))).toMatchObject({ result: 3 });
  });

  it('are counted once where the activity itself takes them in and waits in its own words', async () => {
    const { error, beats } = await run((attempt) => {
      const verdict = attempt.judge(outage);
      throw createFailure({ type: 'JobNotFinished', message: verdict?.message ?? '' });
    });
    expect(error).toMatchObject({ type: 'JobNotFinished', message: 'Could not read a thing (HTTP 503): no' });
    expect(beats.map(({ errors }) => errors?.count)).toEqual([1]);
  });

  it('end an attempt that has no deadline after a day without progress, whatever their kinds', async () => {
    const course = new Course('exists');
    const noDeadline = { scheduleToCloseTimeoutMs: mediaWithinMs };
    for (let hours = 0; hours < 24; hours += 1) {
      const { error } = await course.next(failing(hours % 2 === 0 ? outage : slow), noDeadline);
      expect(failureOf(error).nonRetryable).toBe(false);
      later(3_600_000);
    }
    expect(isFinal(await course.next(failing(outage), noDeadline))).toBe(true);
    const after = await course.next((attempt) => {
      attempt.progressed();
      return failing(outage)(attempt);
    }, noDeadline);
    expect(isFinal(after)).toBe(false);
  });

  it('are counted once where an error that was judged is thrown on', async () => {
    const { beats } = await run((attempt) => {
      attempt.judge(slow);
      return Promise.reject(slow);
    });
    expect(beats.at(-1)?.errors).toMatchObject({ count: 1, failures: 1 });
  });

  it('outlive an attempt that died', async () => {
    const course = new Course('before');
    await course.next(unauthorised);
    await course.next(unauthorised);
    course.died();
    later(120_000);
    expect(isFinal(await course.next(unauthorised))).toBe(true);
  });
});

describe('what an attempt leaves to the next one', () => {
  const memoryOf: Body = (attempt) => Promise.resolve(attempt.memory);

  it('stays until there is something else, through errors and progress', async () => {
    const course = new Course();
    await course.next((attempt) => {
      attempt.remember('first');
      return failing(outage)(attempt);
    });
    await course.next((attempt) => {
      attempt.progressed();
      return failing(outage)(attempt);
    });
    expect(await course.next(memoryOf)).toMatchObject({ result: 'first', beats: [] });
  });

  it('goes at once', async () => {
    const { beats } = await run((attempt) => {
      attempt.remember('remembered');
      attempt.remember('remembered since');
      return Promise.resolve();
    });
    expect(beats).toEqual([
      { errors: null, memory: 'remembered' },
      { errors: null, memory: 'remembered since' },
    ]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a wait', { calls: 3, startedAtMs: 1, consecutiveErrors: 2, lastError: 'no', snapshot: null }],
    ['an upload to Soket', { known: ['u'], made: null }],
    ['a session at TwelveLabs', { known: [], atMs: 1 }],
    ['a job at Tiro', { jobId: 'a', uploaded: false, abandoned: [] }],
  ])('is understood where 0.1 has left it: %s', async (_what, left) => {
    const { result } = await run((attempt) => Promise.resolve([attempt.memory, attempt.errors]), {
      ...{ attempt: 2, heartbeatDetails: left },
    });
    expect(result).toEqual([left ?? null, null]);
  });

  it('is beaten each second at first, each five later, and not after the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const beating = run((attempt) => {
      vi.advanceTimersByTime(1000);
      attempt.remember('by now');
      vi.advanceTimersByTime(2000);
      attempt.remember('later');
      vi.advanceTimersByTime(600_000);
      return Promise.resolve();
    });
    const { beats } = await beating;
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    const memories = beats.map(({ memory }) => memory);
    expect(memories.slice(0, 4)).toEqual([null, 'by now', 'by now', 'by now']);
    expect(memories.filter((memory) => memory === 'later').length).toBeGreaterThan(600 / 5);
    expect(memories.filter((memory) => memory === 'later').length).toBeLessThan(250);
  });
});

describe('whether a request may have been taken', () => {
  const told: Body = (attempt) => Promise.resolve(attempt.mayHaveHappened);

  test.each<[string, boolean, Body]>([
    ['a definite refusal', false, once(slow)],
    ['a refused connection', false, once(errorOf('unavailable', { status: undefined, neverSent: true }))],
    ['an answer that was lost', true, once(lost)],
    ['an answer of a gateway', true, once(outage)],
    ['an answer that nobody can read', true, once(errorOf('unexpected-response', { status: 200 }))],
    ['an error of ours in the middle of it', true, once(new TypeError('no'))],
    ['an error that came before it', false, failing(lost)],
    ['an error of ours that came before it', false, failing(new TypeError('no'))],
    [
      'a lost answer that was settled badly',
      true,
      async (attempt) => {
        await once(lost)(attempt).catch(() => undefined);
        return failing(slow)(attempt);
      },
    ],
  ])('is known after %s: %s', async (_what, expected, body) => {
    const course = new Course();
    await course.next(body);
    expect(await course.next(told)).toMatchObject({ result: expected });
  });

  it('is not so in the first attempt', async () => {
    expect(await run(told)).toMatchObject({ result: false });
  });

  it('stays so through refusals, errors of ours and looks that fail, until something got through', async () => {
    const course = new Course();
    await course.next(once(lost));
    await course.next(once(slow));
    await course.next(failing(outage));
    await course.next(failing(new TypeError('no')));
    expect(await course.next(told)).toMatchObject({ result: true });
  });

  it('cannot be told where the attempt before died, with or without errors before it', async () => {
    const course = new Course();
    course.died();
    expect(await course.next(told)).toMatchObject({ result: true });
    const other = new Course();
    await other.next(once(slow));
    other.died();
    expect(await other.next(told)).toMatchObject({ result: true });
  });

  it('cannot be told where the attempt before died after an error that it had got over', async () => {
    const course = new Course();
    const { beats } = await course.next(async (attempt) => {
      let tries = 0;
      await attempt.repeat(
        () => ((tries += 1) === 1 ? Promise.reject(slow) : Promise.resolve()),
        () => true,
      );
      throw new CancelledFailure('the worker goes away');
    });
    expect(beats.at(-1)?.errors).toMatchObject({ count: 1 });
    expect(await course.next(told)).toMatchObject({ result: true });
  });

  it('cannot be told where an operator has set the count of attempts back', async () => {
    const heartbeatDetails = (await run(once(lost), { attempt: 3 })).beats.at(-1);
    expect(await run(told, { attempt: 1, heartbeatDetails })).toMatchObject({ result: true });
  });

  test.each([
    ['harmless', 1, false],
    ['harmless, and one after it died', 0, true],
  ])('is understood where 0.1 has called an attempt %s', async (_what, harmlessAttempt, expected) => {
    expect(await run(told, { attempt: 2, heartbeatDetails: { harmlessAttempt } })).toMatchObject({ result: expected });
  });
});

describe('an attempt that is told to stop', () => {
  const stopped = async (body: Body, details = new ActivityCancellationDetails({ cancelRequested: true })) => {
    const environment = inAttempt();
    const ended = endOf(make(body), null, environment);
    environment.cancel('CANCELLED', details);
    return ended;
  };
  const untilStopped = (attempt: Attempt<string>) =>
    new Promise<void>((resolve) => {
      attempt.signal.addEventListener('abort', () => {
        resolve();
      });
    });

  test.each([
    ['the cancellation itself', (attempt: Attempt<string>) => attempt.signal.reason as Error],
    ['a stream that broke off', () => new DOMException('This operation was aborted', 'AbortError')],
    ['a socket that was closed', () => new Error('socket hang up')],
  ])('ends as cancelled where it throws %s', async (_what, make) => {
    const { error, beats } = await stopped(async (attempt) => {
      await untilStopped(attempt);
      throw make(attempt);
    });
    expect(error).toBeInstanceOf(CancelledFailure);
    expect(beats).toEqual([]);
  });

  it('still tells what a provider said, since the next attempt builds on it', async () => {
    const shutdown = new ActivityCancellationDetails({ workerShutdown: true });
    const { error, beats } = await stopped(async (attempt) => {
      await untilStopped(attempt);
      throw slow;
    }, shutdown);
    expect(error).toMatchObject({ type: 'RateLimited' });
    expect(beats.at(-1)?.errors).toMatchObject({ attempt: 1, mayHaveHappened: false });
  });

  test.each([
    ['cancelRequested', true],
    ['workerShutdown', false],
    ['paused', false],
    ['reset', false],
    ['timedOut', false],
  ] as const)('is given up where the reason is %s: %s', async (reason, expected) => {
    const { result } = await stopped(
      async (attempt) => {
        const givenUp = givenUpSignal();
        await untilStopped(attempt);
        return givenUp.aborted;
      },
      new ActivityCancellationDetails({ [reason]: true }),
    );
    expect(result).toBe(expected);
  });
});

describe('trying again within an attempt', () => {
  const fast = { timeScale: 10_000 };
  const runFast = (body: Body, environment = inAttempt()) =>
    endOf(make(body, 'exists', fast.timeScale), null, environment);
  const always = () => true;

  it('goes on until it succeeds, and counts what went wrong', async () => {
    const errors = [outage, slow, outage];
    const { result, beats } = await runFast((attempt) =>
      attempt.repeat(() => {
        const error = errors.shift();
        return error === undefined ? Promise.resolve('done') : Promise.reject(error);
      }, always),
    );
    expect(result).toBe('done');
    expect(beats.map(({ errors: row }) => row?.failures)).toEqual([1, 2, 3]);
  });

  it('does not bear what is not worth it', async () => {
    let tries = 0;
    const { error } = await runFast((attempt) =>
      attempt.repeat(
        () => {
          tries += 1;
          return Promise.reject(outage);
        },
        (met) => met !== outage,
      ),
    );
    expect(tries).toBe(1);
    expect(error).toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
  });

  it('ends for good when its patience is used up', async () => {
    let tries = 0;
    const { error } = await runFast((attempt) =>
      attempt.repeat(() => {
        tries += 1;
        return Promise.reject(errorOf('not-found', { status: 404 }));
      }, always),
    );
    expect(tries).toBeGreaterThanOrEqual(3);
    expect(error).toMatchObject({ type: 'JobNotFound', nonRetryable: true });
  });

  it('passes an error on that is none of ours', async () => {
    const { error } = await runFast((attempt) => attempt.repeat(() => Promise.reject(new RangeError('no')), always));
    expect(error).toMatchObject({ name: 'RangeError' });
  });

  it('pauses no longer than it has time, and leaves no listener behind', async () => {
    let tries = 0;
    const { result } = await runFast(
      async (attempt) => {
        const before = getEventListeners(attempt.signal, 'abort').length;
        const hours = errorOf('rate-limited', { retryAfterMs: 24 * 3_600_000 });
        await attempt.repeat(() => ((tries += 1) < 4 ? Promise.reject(hours) : Promise.resolve()), always);
        return getEventListeners(attempt.signal, 'abort').length - before;
      },
      inAttempt({ scheduleToCloseTimeoutMs: 200 }),
    );
    expect(result).toBe(0);
  });

  it('ends at once in a pause when the attempt is told to stop', async () => {
    const environment = inAttempt();
    let tries = 0;
    const ended = endOf(
      make((attempt) =>
        attempt.repeat(() => {
          tries += 1;
          return Promise.reject(errorOf('rate-limited', { retryAfterMs: 600_000 }));
        }, always),
      ),
      null,
      environment,
    );
    await eventually('the pause has begun', () => tries === 1);
    environment.cancel('CANCELLED');
    expect((await ended).error).toBeInstanceOf(CancelledFailure);
    expect(tries).toBe(1);
  });
});
