import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { batchJob } from '../../../src/providers/slng/batch-job.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../fixtures/slng.batch-job/DONE.succeeded.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

const withFields = (fields: Record<string, unknown>) => batchJob.read({ ...sample, ...fields });

describe('an SLNG batch job', () => {
  test.each([
    ['QUEUED', 'queued'],
    ['IN_PROGRESS', 'running'],
    ['DECODING', 'running'],
    ['POST_PROCESSING', 'running'],
    ['DONE', 'succeeded'],
    ['FAILED', 'failed'],
    ['DELETED', 'deleted'],
  ])('with the status %s is %s', (status, phase) => {
    expect(batchJob.read({ job_id: 'a1', status })).toMatchObject({ status, phase, recognised: true, progress: null });
  });

  it('gives the vendor’s times under our names and leaves out those that are null', () => {
    expect(withFields({}).timestamps).toEqual({
      createdAt: '2026-04-13T12:00:00Z',
      startedAt: '2026-04-13T12:00:05Z',
      finishedAt: '2026-04-13T12:01:30Z',
      updatedAt: '2026-04-13T12:01:30Z',
    });
  });

  it('takes a word that nobody knows as no news', () => {
    expect(withFields({ status: 'ARCHIVED' })).toMatchObject({ status: 'ARCHIVED', phase: null, recognised: false });
    expect(withFields({ status: 'done' })).toMatchObject({ phase: null, recognised: false });
  });

  it('gives no terminal phase for a placeholder body', () => {
    const reading = batchJob.read({ job_id: '<string>', status: '<string>', expired_at: '<string>' });
    expect(reading).toMatchObject({ phase: null, recognised: false });
  });

  test.each(['IN_PROGRESS', 'DONE', 'FAILED', 'EXPIRED'])(
    'is expired once expired_at is set, with the status %s',
    (status) => {
      const reading = withFields({ status, expired_at: '2026-05-13T12:01:30Z' });
      expect(reading.phase).toBe('expired');
      expect(reading.timestamps.expiredAt).toBe('2026-05-13T12:01:30Z');
    },
  );

  test.each([
    ['an object with a message', { message: 'no audio', code: 7 }, 'no audio'],
    ['a text', 'no audio', 'no audio'],
    ['null', null, 'SLNG gives no reason'],
    ['missing', undefined, 'SLNG gives no reason'],
    ['an object without a message', {}, 'SLNG gives no reason'],
  ])('that failed reads error_message where it is %s', (_shape, errorMessage, message) => {
    expect(withFields({ status: 'FAILED', error_message: errorMessage }).message).toBe(message);
  });

  it('has no message where error_message is null and it did not fail', () => {
    expect(withFields({}).message).toBeNull();
  });

  it('is done although output_metadata is empty, and is not done because output_metadata is filled', () => {
    expect(withFields({ output_metadata: {} }).phase).toBe('succeeded');
    expect(withFields({ status: 'DECODING', output_metadata: { formats: ['json'] } }).phase).toBe('running');
  });

  it('needs neither api_key_id nor organisation_id, and minds neither', () => {
    expect(sample).not.toHaveProperty('organisation_id');
    const ids = { api_key_id: 'key-1', organisation_id: '7f6b1c1e-6d0b-4b68-9f0e-0d5f0a3c2b11' };
    expect(withFields(ids)).toEqual(withFields({}));
  });

  it('estimates its time from the length that SLNG measured', () => {
    const estimate = withFields({}).processingTime;
    expect(estimate?.earliestMs).toBeLessThan(90_000);
    expect(estimate?.latestMs).toBeGreaterThan(90_000);
    expect(withFields({ input_metadata: {} })).not.toHaveProperty('processingTime');
    expect(withFields({ input_metadata: 'none' })).not.toHaveProperty('processingTime');
  });

  test.each([{}, { status: 'DONE' }, { job_id: 'a1' }, null, 'DONE'])('is not read from %j', (body) => {
    expect(() => batchJob.read(body)).toThrow();
  });

  test.each(['', 'a-b', '../jobs', 'a/b', 'a b', 'é', 'a1\n', 'a'.repeat(257)])('cannot have the id %j', (id) => {
    expect(batchJob.id.safeParse(id).success).toBe(false);
  });

  it('is asked for by its id', () => {
    expect(batchJob.id.parse('pj7C1e')).toBe('pj7C1e');
    expect(batchJob.path('pj7C1e')).toBe('/v1/batch/jobs/pj7C1e');
  });
});
