import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import {
  accepted,
  inStatus,
  notFound,
  run,
  type SlngActivityWorld,
  startSlngActivities,
} from '../../providers/slng/slng-activities.ts';
import { endOf, inAttempt } from '../../setup/attempts.ts';

const onlySource: SourceDescription = {
  uri: 'https://files.example/talk.wav',
  fileName: 'talk.wav',
  sizeBytes: 9,
  mediaType: 'audio/wav',
  fingerprint: 'etag-1',
  durationSeconds: 5,
};

describe('createSlngJob', () => {
  let world: SlngActivityWorld;
  beforeAll(async () => {
    world = await startSlngActivities();
  });
  beforeEach(() => {
    world.reset();
  });
  afterAll(() => world.close());

  const input = { source: onlySource, options: {}, uploaded: null };
  const create = (attempt: number, change: object = {}, info: object = {}) =>
    run(() => world.calls.createSlngJob({ ...input, ...change }), inAttempt({ attempt, ...info }));

  it('creates at once in the first attempt', async () => {
    world.server.answers.push(accepted);
    await expect(create(1)).resolves.toEqual({ jobId: 'pj1' });
    expect(world.asked()).toEqual(['POST /v1/batch/jobs']);
  });

  test.each([
    ['429', 429, false],
    ['401', 401, false],
    ['503', 503, true],
  ])('looks after %s only where the job may be there: %s', async (_what, status, looks) => {
    world.server.answers.push({ status, body: { error: 'no' } });
    const left = await endOf((change: object) => world.calls.createSlngJob({ ...input, ...change }), {});
    expect(left.error).toMatchObject({ nonRetryable: false });
    world.server.requests.length = 0;
    world.server.answers.push(...(looks ? [notFound] : []), accepted);
    await create(2, {}, { heartbeatDetails: left.beats.at(-1) });
    expect(world.asked().length).toBe(looks ? 2 : 1);
  });

  it('is not cut short by a cancellation, whose look would come too early', async () => {
    const environment = inAttempt();
    world.server.answers.push(accepted);
    const made = run(() => world.calls.createSlngJob(input), environment);
    environment.cancel('CANCELLED');
    await expect(made).resolves.toEqual({ jobId: 'pj1' });
  });

  it('looks in a later attempt whether the job is there, and creates it only after a 404', async () => {
    world.server.answers.push(notFound, accepted);
    await create(2);
    const [look, post] = world.asked();
    expect(look).toMatch(/^GET \/v1\/batch\/jobs\/pj[0-9a-f]{30}$/);
    expect(post).toBe('POST /v1/batch/jobs');
  });

  it('creates nothing in a later attempt where a 404 is not SLNG’s own', async () => {
    world.server.answers.push({ status: 404, body: '404 page not found' });
    await expect(create(2)).rejects.toMatchObject({ type: 'JobNotFound', nonRetryable: false });
    expect(world.asked()).toHaveLength(1);
  });

  it('creates nothing in a later attempt where the job is there', async () => {
    world.server.answers.push(inStatus('DECODING'));
    const { jobId } = await create(2);
    expect(world.asked()).toEqual([`GET /v1/batch/jobs/${jobId}`]);
  });

  test.each([400, 409])('takes a taken id (%i) for its own job', async (status) => {
    world.server.answers.push({ status, body: { error: 'job_id already exists' } }, inStatus('QUEUED'));
    const { jobId } = await create(1);
    expect(world.server.requests[0]?.body).toMatchObject({ job_id: jobId });
  });

  it('passes on a refusal that has nothing to do with the id', async () => {
    world.server.answers.push({ status: 400, body: { error: 'bad language' } }, notFound);
    await expect(create(1)).rejects.toMatchObject({
      ...{ type: 'RequestRejected', nonRetryable: true },
      message: expect.stringContaining('bad language') as string,
    });
  });

  it('derives one id for all attempts of a workflow, and others for other workflows, media and options', async () => {
    const idOf = async (attempt: number, change: object = {}, info: object = {}) => {
      world.server.requests.length = 0;
      world.server.answers.splice(0, Infinity, ...(attempt > 1 ? [notFound, accepted] : [accepted]));
      await create(attempt, change, info);
      return (world.server.requests.at(-1)?.body as { job_id: string }).job_id;
    };
    const ids = [
      await idOf(1),
      await idOf(1, { source: { ...onlySource, fingerprint: 'etag-2' } }),
      await idOf(1, { options: { model_code: 'other' } }),
      await idOf(1, {}, { workflowExecution: { workflowId: 'other', runId: 'run' } }),
      await idOf(1, {}, { namespace: 'other' }),
      await idOf(1, { marker: '0123456789abcdef' }),
      await idOf(1, { marker: 'fedcba9876543210' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{32}$/);
    expect(await idOf(3)).toBe(ids[0]);
    expect(await idOf(3, { marker: '0123456789abcdef' })).toBe(ids[5]);
    expect(await idOf(1, {}, { workflowExecution: { workflowId: 'test', runId: 'another-run' } })).toBe(ids[0]);
  });
});
