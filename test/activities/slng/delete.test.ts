import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import {
  accepted,
  inStatus,
  notFound,
  run,
  type SlngActivityWorld,
  startSlngActivities,
} from '../../providers/slng/slng-activities.ts';

describe('what SLNG is asked when a job is over', () => {
  let world: SlngActivityWorld;
  beforeAll(async () => {
    world = await startSlngActivities();
  });
  beforeEach(() => {
    world.reset();
  });
  afterAll(() => world.close());

  const remove = () => run(() => world.calls.deleteSlngJob({ jobId: 'pj1' }));
  const notYet = { status: 409, body: { error: 'not DONE or FAILED' } };

  it('does not take DELETED in the answer for done before the job shows it', async () => {
    const answer = { status: 202, body: { job_id: 'pj1', status: 'DELETED' } };
    world.server.answers.push(answer, inStatus('DONE'));
    await expect(remove()).rejects.toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
    world.server.answers.push(answer, inStatus('DELETED'));
    await expect(remove()).resolves.toBeUndefined();
  });

  it('takes 409 for not yet', async () => {
    world.server.answers.push(notYet, inStatus('POST_PROCESSING'));
    await expect(remove()).rejects.toMatchObject({ type: 'JobNotFinished', nonRetryable: false });
  });

  it('does not take a page of something in front of SLNG for its word', async () => {
    world.server.answers.push({ status: 200, body: '<html>Sign in</html>' });
    await expect(remove()).rejects.toMatchObject({ type: 'UnexpectedResponse', nonRetryable: false });
  });

  it('does not take a 404 that is not SLNG’s own for done', async () => {
    world.server.answers.push({ status: 404, body: '404 page not found' });
    await expect(remove()).rejects.toMatchObject({ type: 'JobNotFound', nonRetryable: false });
  });

  test.each([
    ['DELETE answers 404', [notFound]],
    ['DELETE answers 409 and the job is DELETED', [notYet, inStatus('DELETED')]],
    ['the job is gone after it', [accepted, notFound]],
  ])('is done where %s', async (_when, answers) => {
    world.server.answers.push(...answers);
    await expect(remove()).resolves.toBeUndefined();
    expect(world.server.answers).toEqual([]);
  });

  test.each([
    ['DECODING', 'not-supported'],
    ['DONE', 'already-finished'],
    ['FAILED', 'already-finished'],
    ['DELETED', 'already-finished'],
  ])('says of a job that is %s: %s, and deletes nothing', async (status, cleanup) => {
    world.server.answers.push(inStatus(status));
    const said = await run(() => world.calls.cancelSlngJob({ jobId: 'pj1' }));
    expect(said).toBe(cleanup);
    expect(world.asked()).toEqual(['GET /v1/batch/jobs/pj1']);
  });
});
