import { ApplicationFailureCategory, DefaultFailureConverter, DefaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it, test } from 'vitest';
import { cleanError, createFailure, refuse } from '../../../src/activities/patience/failure.ts';

/** Everything of an error that Temporal would record, as text. */
const recorded = (error: unknown) =>
  JSON.stringify(new DefaultFailureConverter().errorToFailure(error, new DefaultPayloadConverter()));

describe('a failure of ours', () => {
  it('has no stack, since that costs history and tells users nothing', () => {
    const failure = createFailure({ type: 'JobNotFound', message: 'no' });
    expect(failure.stack).toBe('');
    expect(recorded(failure)).not.toContain('at ');
  });

  it('has no half of a character in its words, which would end the worker', () => {
    expect(createFailure({ type: 'InvalidInput', message: `resource: ${'😀'.slice(0, 1)}` }).message).toBe(
      'resource: \ufffd',
    );
  });

  it('carries category, delay and details', () => {
    const failure = createFailure({
      ...{ type: 'JobNotFinished', message: 'waits', nextRetryDelayMs: 10.2, details: [{ a: 1 }] },
    });
    expect(failure).toMatchObject({ nextRetryDelay: 11, details: [{ a: 1 }], nonRetryable: false });
    expect(failure.category).toBe(ApplicationFailureCategory.BENIGN);
  });

  it('can be recorded with the longest delay that a provider may ask for', () => {
    const failure = createFailure({ type: 'RateLimited', message: 'no', nextRetryDelayMs: 24 * 3_600_000 });
    expect(() => recorded(failure)).not.toThrow();
  });

  it('refuses an input for good', () => {
    const refusal = () => refuse('source: is empty');
    expect(refusal).toThrow(expect.objectContaining({ type: 'InvalidInput', nonRetryable: true }));
    expect(refusal).toThrow('source: is empty');
  });
});

describe('an error that nobody expected', () => {
  test.each<[string, () => unknown]>([
    ['an error', () => new TypeError('failed at https://b.example/k?X-Amz-Signature=SECRET')],
    ['an error with a cause', () => new Error('no', { cause: new Error('Authorization: Bearer SECRET') })],
    ['an error with fields of its own', () => Object.assign(new Error('no'), { url: 'https://b.example?sig=SECRET' })],
    ['a time-out', () => new DOMException('Bearer SECRET', 'TimeoutError')],
    ['a text', () => 'token=SECRET'],
    ['nothing', () => undefined],
  ])('is recorded without the secrets of %s', (_what, make) => {
    const error = make();
    const clean = cleanError(error);
    expect(clean).toBeInstanceOf(Error);
    expect(recorded(clean)).not.toContain('SECRET');
    if (error instanceof Error) expect(clean.name).toBe(error.name);
  });

  it('keeps its frames', () => {
    expect(cleanError(new RangeError('no')).stack).toMatch(/^RangeError: no\n\s+at .+failure\.test/);
  });

  it('may have none', () => {
    const error = new RangeError('no');
    Reflect.deleteProperty(error, 'stack');
    expect(cleanError(error).stack).toBe('RangeError: no');
  });
});
