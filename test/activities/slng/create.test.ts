import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import {
  accepted,
  inAttempt,
  inStatus,
  notFound,
  run,
  type SlngActivityWorld,
  startSlngActivities,
} from '../../providers/slng/slng-activities.ts';

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

  it('looks in a later attempt whether the job is there, and creates it only after a 404', async () => {
    world.server.answers.push(notFound, accepted);
    await create(2);
    const [look, post] = world.asked();
    expect(look).toMatch(/^GET \/v1\/batch\/jobs\/pj[0-9a-f]{30}$/);
    expect(post).toBe('POST /v1/batch/jobs');
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
    await expect(create(1)).rejects.toMatchObject({ kind: 'rejected', words: 'bad language' });
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
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{32}$/);
    expect(await idOf(3)).toBe(ids[0]);
    expect(await idOf(1, {}, { workflowExecution: { workflowId: 'test', runId: 'another-run' } })).toBe(ids[0]);
  });
});
