import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { createFailure } from '../../../src/activities/patience/failure.ts';
import { type Circumstances, judge, type Verdict } from '../../../src/activities/patience/judge.ts';
import { ProviderError, type ProviderErrorFacts } from '../../../src/providers/connection/provider-error.ts';
import { ResultStoreError } from '../../../src/results/result-store-error.ts';
import { SourceError } from '../../../src/upload/source-error.ts';
import { rowOf } from '../../setup/attempts.ts';

type Kind = ProviderErrorFacts['kind'];

const minuteMs = 60_000;
const errorOf = (kind: Kind, facts: Partial<ProviderErrorFacts> = {}) =>
  new ProviderError({ kind, operation: 'read a thing', status: 500, words: 'no', ...facts });

const usual: Circumstances = { row: null, attempt: 1, stage: 'exists', leftMs: Infinity, mayHaveHappened: false };
const judged = (error: unknown, change: Partial<Circumstances> = {}, die = 0.5, timeScale = 1) =>
  judge(error, { ...usual, ...change }, { timeScale, random: () => die });

function verdictOn(...of: Parameters<typeof judged>): Verdict {
  const verdict = judged(...of);
  if (verdict === null) throw new Error('no verdict');
  return verdict;
}

/** The row after errors of these kinds, all of this moment. */
const rowAfter = (...kinds: Kind[]) =>
  kinds.reduce<Circumstances['row']>((row, kind) => verdictOn(errorOf(kind), { row }).row, null);

describe('what an error means', () => {
  test.each<[string, unknown, Partial<Verdict>]>([
    ['a provider', errorOf('unavailable'), { type: 'ProviderUnavailable', isFinal: false }],
    ['a provider that refuses the request', errorOf('rejected'), { type: 'RequestRejected', isFinal: true }],
    [
      'a source that may come back',
      new SourceError('unreadable', 'no', { retryable: true }),
      { type: 'SourceUnreadable', isFinal: false },
    ],
    ['a source that is not there', new SourceError('unreadable', 'no'), { type: 'SourceUnreadable', isFinal: true }],
    ['a source that has changed', new SourceError('changed', 'no'), { type: 'SourceUnreadable', isFinal: true }],
    ['the result store', new ResultStoreError('ENOSPC', 'no'), { type: 'ResultStoreFailed', isFinal: false }],
    ['an input', z.string().safeParse(7).error, { type: 'InvalidInput', isFinal: true }],
  ])('is told for an error of %s', (_what, error, verdict) => {
    expect(judged(error)).toMatchObject(verdict);
  });

  test.each([
    ['a slip of ours', new TypeError('no')],
    ['a failure that Temporal knows', createFailure({ type: 'UploadFailed', message: 'chunk 3' })],
    ['a cancellation', new CancelledFailure('cancelled')],
    ['a text', 'no'],
    ['nothing', undefined],
  ])('is not told for %s', (_what, error) => {
    expect(judged(error)).toBeNull();
  });

  it('comes with the words of the error', () => {
    expect(verdictOn(errorOf('unavailable')).message).toBe('Could not read a thing (HTTP 500): no');
  });

  test.each([
    new SourceError('unreadable', 'gone: https://a.example/x?sig=SECRET', { retryable: true }),
    new SourceError('refused', 'no: https://a.example/x?sig=SECRET'),
    new ResultStoreError('EIO', 'cannot write https://a.example/x?sig=SECRET'),
    z.string({ error: 'https://a.example/x?sig=SECRET' }).safeParse(7).error,
  ])('comes without the secrets of %s', (error) => {
    const { message, row } = verdictOn(error);
    expect(message).toContain('https://a.example/x?[redacted]');
    expect(JSON.stringify([message, row])).not.toContain('SECRET');
  });

  it('names every field of an input that is not valid', () => {
    const { error } = z.object({ source: z.string(), deep: z.object({ n: z.number() }) }).safeParse({ deep: {} });
    const { message } = verdictOn(error);
    expect(message).toContain('source:');
    expect(message).toContain('deep.n:');
    expect(verdictOn(z.string().safeParse(7).error).message).toMatch(/^input:/);
  });
});

describe('a row of errors', () => {
  it('counts those of one kind and keeps the time of the first', () => {
    const row = rowOf('unavailable', { count: 4, failures: 9, attempt: 6 });
    expect(verdictOn(errorOf('unavailable'), { row, attempt: 7 }).row).toEqual({
      ...{
        kind: 'unavailable',
        type: 'ProviderUnavailable',
        count: 5,
        sinceMs: 1000,
        failures: 10,
        beganMs: 1000,
        attempt: 7,
      },
      ...{ words: 'Could not read a thing (HTTP 500): no', mayHaveHappened: false },
    });
  });

  it('begins anew with another kind, while failures of all kinds are counted on', () => {
    const beganMs = Date.now();
    const next = verdictOn(errorOf('unavailable'), { row: rowOf('not-found', { count: 2, failures: 2 }) }).row;
    expect(next).toMatchObject({ kind: 'unavailable', count: 1, failures: 3, beganMs: 1000 });
    expect(next.sinceMs).toBeGreaterThanOrEqual(beganMs);
    expect(rowAfter('not-found', 'unavailable', 'not-found')).toMatchObject({ count: 1, failures: 3 });
  });

  it('ends a wait only by what lasts: an outage in between begins the two minutes anew', () => {
    const tenMinutesAgo = Date.now() - 10 * minuteMs;
    const refused = {
      stage: 'before',
      row: rowOf('credential-refused', { count: 9, sinceMs: tenMinutesAgo }),
    } as const;
    expect(verdictOn(errorOf('credential-refused'), refused).isFinal).toBe(true);
    const { row } = verdictOn(errorOf('unavailable'), refused);
    expect(verdictOn(errorOf('credential-refused'), { stage: 'before', row }).isFinal).toBe(false);
  });

  test.each([
    ['none of them', false, false, false],
    ['an earlier one', true, false, true],
    ['the last one', false, true, true],
  ])('knows whether a request of %s may have been taken', (_which, before, now, expected) => {
    const row = rowOf('unavailable', { mayHaveHappened: before });
    // Also where the next error is of another kind.
    for (const kind of ['unavailable', 'rejected'] as const) {
      expect(verdictOn(errorOf(kind), { row, mayHaveHappened: now }).row.mayHaveHappened).toBe(expected);
    }
  });
});

describe('a job of somebody else’s that nobody has seen', () => {
  const isFinal = (facts: Partial<ProviderErrorFacts>, kind: Kind, count: number, sinceMs: number) => {
    const row = count === 1 ? null : rowOf(kind, { count: count - 1, sinceMs });
    return verdictOn(errorOf(kind, facts), { stage: 'unseen', row }).isFinal;
  };
  const secondAgo = () => Date.now() - 1000;

  it('is not there after three answers of the provider that say so', () => {
    expect([1, 2, 3].map((count) => isFinal({}, 'not-found', count, secondAgo()))).toEqual([false, false, true]);
  });

  it('may be there however often something in between says 404, within two minutes', () => {
    const foreign = { isInOwnForm: false };
    for (const count of [1, 2, 3, 50]) expect(isFinal(foreign, 'not-found', count, secondAgo())).toBe(false);
    expect(isFinal(foreign, 'not-found', 3, Date.now() - 2 * minuteMs)).toBe(true);
  });

  it('has no longer time for a refused key, whoever refuses it', () => {
    for (const isInOwnForm of [true, false]) {
      expect(isFinal({ isInOwnForm }, 'credential-refused', 5, Date.now() - 2 * minuteMs + 5000)).toBe(false);
      expect(isFinal({ isInOwnForm }, 'credential-refused', 5, Date.now() - 2 * minuteMs)).toBe(true);
    }
  });
});

describe('the pause after an error', () => {
  const delayMs = (...of: Parameters<typeof judged>) => verdictOn(...of).delayMs;
  const dice = [0, 0.5, 0.999];

  test.each(dice)('is at least what the provider asks for, and at most two seconds more (die %d)', (die) => {
    for (const timeScale of [1, 100]) {
      for (const kind of ['rate-limited', 'unavailable', 'credential-refused'] as const) {
        const pauseMs = delayMs(errorOf(kind, { retryAfterMs: 7000 }), {}, die, timeScale);
        expect(pauseMs).toBeGreaterThanOrEqual(7000);
        expect(pauseMs).toBeLessThanOrEqual(9000);
      }
    }
  });

  it('differs from job to job where the provider named one moment to all', () => {
    const pauses = dice.map((die) => delayMs(errorOf('rate-limited', { retryAfterMs: 7000 }), {}, die));
    expect(new Set(pauses).size).toBe(dice.length);
  });

  it('is not longer than the time to the deadline, whatever is asked for', () => {
    const dayMs = 24 * 3_600_000;
    const leftMs = 10 * minuteMs;
    const pauseMs = delayMs(errorOf('rate-limited', { retryAfterMs: dayMs }), { leftMs });
    expect(pauseMs).toBeLessThan(leftMs);
    // Late enough to be worth it.
    expect(pauseMs).toBeGreaterThan(leftMs / 2);
    expect(delayMs(errorOf('rate-limited', { retryAfterMs: dayMs }))).toBeGreaterThanOrEqual(dayMs);
  });

  test.each([0, -1, -1e9])('is none with %d ms left, and the error is final', (leftMs) => {
    for (const kind of ['rate-limited', 'unavailable'] as const) {
      const verdict = verdictOn(errorOf(kind, { retryAfterMs: 7000 }), { leftMs });
      expect(verdict).toMatchObject({ delayMs: 1, isFinal: true });
    }
  });

  test.each(['credential-refused', 'configuration-refused'] as const)('is 24 to 36 s after %s, scaled', (kind) => {
    const pauses = dice.map((die) => delayMs(errorOf(kind), {}, die));
    expect(Math.min(...pauses)).toBeCloseTo(24_000);
    expect(Math.max(...pauses)).toBeGreaterThan(35_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(36_000);
    expect(delayMs(errorOf(kind), {}, 0, 100)).toBeCloseTo(240);
  });

  it('leaves a refused key three tries within its two minutes', () => {
    for (const die of dice) expect(2 * delayMs(errorOf('credential-refused'), {}, die)).toBeLessThan(2 * minuteMs);
  });

  it('backs off within half a second and a minute, scaled, however many failed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, die) => {
        const pauseMs = delayMs(errorOf('unavailable'), { row: rowOf('unavailable', { failures }) }, die, 10);
        expect(pauseMs).toBeGreaterThanOrEqual(50);
        expect(pauseMs).toBeLessThanOrEqual(6000);
      }),
    );
  });

  it('grows with all failures in a row, not only with those of its kind', () => {
    const row = rowAfter('unavailable', 'rate-limited', 'unavailable', 'unexpected-response');
    expect(delayMs(errorOf('unavailable'), { row }, 0.999)).toBeGreaterThan(10_000);
  });

  it('can be recorded, also the longest that a provider may ask for', () => {
    const pauseMs = delayMs(errorOf('rate-limited', { retryAfterMs: 24 * 3_600_000 }), {}, 0.123456789);
    const failure = createFailure({ type: 'RateLimited', message: 'no', nextRetryDelayMs: pauseMs });
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(Number.isInteger(failure.nextRetryDelay)).toBe(true);
  });
});
