import {
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
  DefaultFailureConverter,
  DefaultPayloadConverter,
} from '@temporalio/common';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import {
  createFailure,
  failureRules,
  retryDelayMs,
  toApplicationFailure,
} from '../../../src/activities/patience/to-application-failure.ts';
import { ProviderError, type ProviderErrorKind } from '../../../src/providers/connection/provider-error.ts';
import { ResultStoreError } from '../../../src/results/result-store-error.ts';
import { SourceError } from '../../../src/upload/source-error.ts';

const pace = { timeScale: 1, random: () => 0.5 };
const providerError = (kind: ProviderErrorKind, retryAfterMs?: number) =>
  new ProviderError({
    kind,
    operation: 'read a thing',
    status: 500,
    words: 'no',
    ...(retryAfterMs ? { retryAfterMs } : {}),
  });

function failureOf(error: unknown, attempt = 1): ApplicationFailure {
  const failure = toApplicationFailure(error, attempt, pace);
  if (!(failure instanceof ApplicationFailure)) throw new Error(`${failure.name} is no ApplicationFailure`);
  return failure;
}

/** Everything of an error that Temporal would record, as text. */
const recorded = (error: unknown) =>
  JSON.stringify(new DefaultFailureConverter().errorToFailure(error, new DefaultPayloadConverter()));

describe('the table of failures', () => {
  test.each<[ProviderErrorKind, string, number | null]>([
    ['unavailable', 'ProviderUnavailable', null],
    ['rate-limited', 'RateLimited', null],
    ['unexpected-response', 'UnexpectedResponse', null],
    ['storage-refused', 'ProviderUnavailable', 5],
    ['credential-refused', 'CredentialRejected', 5],
    ['configuration-refused', 'CredentialRejected', 1],
    ['not-found', 'JobNotFound', 3],
    ['conflict', 'RequestRejected', 1],
    ['too-large', 'UnexpectedResponse', 1],
    ['rejected', 'RequestRejected', 1],
  ])('makes %s a %s, final at attempt %s', (kind, type, finalAt) => {
    for (const attempt of [1, 2, 3, 4, 5, 6, 1000]) {
      const failure = failureOf(providerError(kind), attempt);
      expect(failure.type).toBe(type);
      expect(failure.nonRetryable).toBe(finalAt !== null && attempt >= finalAt);
      expect(failure.message).toBe('Could not read a thing (HTTP 500): no');
      expect(failure.nextRetryDelay).toBeGreaterThan(0);
    }
  });

  it('has a row for each kind of provider error', () => {
    expect(Object.keys(failureRules)).toHaveLength(10);
  });

  test.each([
    ['unreadable', true],
    ['unreadable', false],
    ['changed', false],
  ] as const)('makes a source that is %s (retryable: %s) SourceUnreadable', (kind, retryable) => {
    const failure = failureOf(new SourceError(kind, 'gone: https://a.example/x?sig=SECRET', { retryable }));
    expect(failure).toMatchObject({ type: 'SourceUnreadable', nonRetryable: !retryable });
    expect(failure.message).not.toContain('SECRET');
  });

  it('gives the result store ten attempts', () => {
    const error = new ResultStoreError('ENOSPC', 'no space');
    expect(failureOf(error, 9)).toMatchObject({ type: 'ResultStoreFailed', nonRetryable: false });
    expect(failureOf(error, 10)).toMatchObject({ type: 'ResultStoreFailed', nonRetryable: true });
  });

  it('names every field of an input that is not valid', () => {
    const { error } = z.object({ source: z.string(), deep: z.object({ n: z.number() }) }).safeParse({ deep: {} });
    const failure = failureOf(error);
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toContain('source:');
    expect(failure.message).toContain('deep.n:');
    expect(failureOf(z.string().safeParse(7).error).message).toMatch(/^input:/);
  });

  test.each([createFailure({ type: 'UploadFailed', message: 'chunk 3' }), new CancelledFailure('cancelled')])(
    'leaves a failure of ours as it is: %s',
    (failure) => {
      expect(toApplicationFailure(failure, 1, pace)).toBe(failure);
    },
  );

  test.each<[string, () => unknown]>([
    ['an error', () => new TypeError('failed at https://b.example/k?X-Amz-Signature=SECRET')],
    ['an error with a cause', () => new Error('no', { cause: new Error('Authorization: Bearer SECRET') })],
    ['a time-out', () => new DOMException('Bearer SECRET', 'TimeoutError')],
    ['a text', () => 'token=SECRET'],
    ['nothing', () => undefined],
  ])('records no secret of %s that nobody expected', (_what, make) => {
    const error = make();
    const failure = toApplicationFailure(error, 1, pace);
    expect(failure).toBeInstanceOf(Error);
    expect(recorded(failure)).not.toContain('SECRET');
    if (error instanceof Error) expect(failure.name).toBe(error.name);
  });

  it('keeps the frames of an error that nobody expected', () => {
    expect(toApplicationFailure(new RangeError('no'), 1, pace).stack).toMatch(
      /^RangeError: no\n\s+at .+to-application-failure/,
    );
  });
});

describe('a failure of ours', () => {
  it('has no stack, since that costs history and tells users nothing', () => {
    expect(createFailure({ type: 'JobNotFound', message: 'no' }).stack).toBe('');
    expect(recorded(failureOf(providerError('rejected')))).not.toContain('at ');
  });

  it('carries category, delay and details', () => {
    const failure = createFailure({
      ...{ type: 'JobNotFinished', message: 'waits', benign: true, nextRetryDelayMs: 10.2, details: [{ a: 1 }] },
    });
    expect(failure).toMatchObject({ nextRetryDelay: 11, details: [{ a: 1 }], nonRetryable: false });
    expect(failure.category).toBe(ApplicationFailureCategory.BENIGN);
  });

  it('can be recorded with the longest delay that a provider may ask for', () => {
    expect(() => recorded(failureOf(providerError('rate-limited', 24 * 3_600_000)))).not.toThrow();
  });
});

describe('retryDelayMs', () => {
  test.each([0, 0.5, 0.999])(
    'waits at least as long as the provider asks, and at most two seconds more (%d)',
    (die) => {
      for (const timeScale of [1, 100]) {
        const delayMs = retryDelayMs({ retryAfterMs: 7000 }, 9, { timeScale, random: () => die });
        expect(delayMs).toBeGreaterThanOrEqual(7000);
        expect(delayMs).toBeLessThanOrEqual(9000);
      }
    },
  );

  it('gives refusals of a key about two minutes in all', () => {
    const { attempts } = failureRules['credential-refused'];
    for (const die of [0, 0.999]) {
      const delayMs = retryDelayMs({ kind: 'credential-refused' }, 1, { timeScale: 1, random: () => die });
      expect((attempts - 1) * delayMs).toBeGreaterThanOrEqual(90_000);
      expect((attempts - 1) * delayMs).toBeLessThanOrEqual(150_000);
    }
  });

  it('backs off within half a second and a minute, scaled', () => {
    for (let attempt = 1; attempt < 50; attempt += 1) {
      const delayMs = retryDelayMs({}, attempt, { timeScale: 10, random: Math.random });
      expect(delayMs).toBeGreaterThanOrEqual(50);
      expect(delayMs).toBeLessThanOrEqual(6000);
    }
  });
});
