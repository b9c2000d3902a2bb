import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Artifact, JobOutcome } from '../../src/job.ts';
import type { CallRecord } from '../../src/simulator/calls.ts';
import type { Operation } from '../../src/simulator/operations.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';
import { startContentServer } from '../upload/content-server.ts';

/** Everything that a history holds, its payloads as text. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textOf).join('\n');
}

describe('slngTranscription', () => {
  let world: World;
  let source: string;
  let counter = 0;
  let callsBefore = 0;
  let jobsBefore = 0;
  beforeAll(async () => {
    world = await startWorld();
    source = await world.writeSource('talk.wav', makeWav(120));
  });
  beforeEach(() => {
    callsBefore = world.simulator.calls().length;
    jobsBefore = world.simulator.counters().jobsCreated.slng;
  });
  afterEach(() => {
    world.simulator.clearFaults();
    vi.unstubAllEnvs();
  });
  afterAll(() => world.close());

  const start = (input: object = {}): Promise<WorkflowHandle> =>
    world.start('slngTranscription', `provider-job/slng/test-${String((counter += 1))}`, { source, ...input });
  const run = async (input: object = {}) => (await (await start(input)).result()) as JobOutcome;
  const calls = (operation?: Operation): CallRecord[] =>
    world.simulator
      .calls()
      .slice(callsBefore)
      .filter((call) => call.provider === 'slng' && (operation === undefined || call.operation === operation));
  const operations = () => calls().map(({ operation }) => operation);
  const createdJobs = () => world.simulator.counters().jobsCreated.slng - jobsBefore;
  const statusOf = (id: string) => world.simulator.jobs('slng').find((job) => job.id === id)?.status;
  const read = (artifact: Artifact | undefined) => readFile(fileURLToPath(artifact?.uri ?? ''), 'utf8');

  it('goes from a file to its transcript in three formats', async () => {
    const handle = await start({
      transcription_config: { language: 'en', diarization: 'speaker' },
      metadata: { a: 1 },
    });
    const outcome = (await handle.result()) as JobOutcome;
    expect(outcome).toMatchObject({ provider: 'slng', resource: 'batch-job', phase: 'succeeded', status: 'DONE' });
    expect(outcome.jobId).toMatch(/^pj[0-9a-f]{30}$/);
    expect(outcome.ids).toEqual({ job_id: outcome.jobId, s3_key: `inputs/${outcome.jobId}/talk.wav` });
    expect(outcome.artifacts.map(({ name }) => name)).toEqual(['transcript.json', 'transcript.txt', 'transcript.srt']);
    expect(JSON.parse(await read(outcome.artifacts[0]))).toHaveProperty('results');
    expect(await read(outcome.artifacts[2])).toMatch(/^1\n00:00:/);
    expect(createdJobs()).toBe(1);
    expect(operations().filter((operation) => operation !== 'slng.status')).toEqual([
      ...['slng.presign', 'slng.storage-put', 'slng.create', 'slng.files'],
      ...['slng.storage-get', 'slng.storage-get', 'slng.storage-get'],
    ]);
    expect(calls('slng.storage-put')[0]?.bytesReceived).toBe(makeWav(120).length);
    expect(outcome.statusCalls).toBe(calls('slng.status').length);
    expect(outcome.statusCalls).toBeLessThanOrEqual(10);
  });

  it('lets SLNG read a plain https address itself', async () => {
    // Only here: the worker's own look at the source would refuse the certificate that the test makes for itself.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const server = await startContentServer({ content: makeWav(60), mediaType: 'audio/wav', etag: '"one"' });
    try {
      const outcome = await run({ source: `${server.origin}/talk.wav` });
      expect(outcome).toMatchObject({ phase: 'succeeded', ids: { job_id: outcome.jobId } });
      expect(outcome.artifacts).toHaveLength(3);
      expect(operations()).not.toContain('slng.presign');
      expect(server.requests.some(({ headers }) => headers.range === undefined)).toBe(true);
    } finally {
      await server.close();
    }
  });

  it('uploads what is on an http address of this machine, which SLNG cannot read', async () => {
    const server = await startContentServer({ content: makeWav(60), mediaType: 'audio/wav', etag: '"one"' }, false);
    try {
      const outcome = await run({ source: `${server.origin}/talk.wav` });
      expect(outcome.phase).toBe('succeeded');
      expect(calls('slng.storage-put')[0]?.bytesReceived).toBe(makeWav(60).length);
    } finally {
      await server.close();
    }
  });

  it('finds the job of a create whose answer was lost, and makes no second one', async () => {
    world.simulator.addFault({ kind: 'cut-after', operation: 'slng.create' });
    const outcome = await run();
    expect(outcome.phase).toBe('succeeded');
    expect(calls('slng.create')).toHaveLength(1);
    expect(createdJobs()).toBe(1);
  });

  it('creates the job once where the create call never arrived', async () => {
    world.simulator.addFault({ kind: 'cut', operation: 'slng.create' });
    const outcome = await run();
    expect(outcome.phase).toBe('succeeded');
    const settled = operations().slice(operations().indexOf('slng.create'));
    expect(settled.slice(0, 3)).toEqual(['slng.create', 'slng.status', 'slng.create']);
    expect(createdJobs()).toBe(1);
  });

  it('asks for a fresh upload address after a failed upload', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'slng.storage-put', status: 403, times: 2 });
    const handle = await start();
    const { phase, ids } = (await handle.result()) as JobOutcome;
    expect(phase).toBe('succeeded');
    expect(calls('slng.presign')).toHaveLength(3);
    expect(calls('slng.storage-put').map(({ status }) => status)).toEqual([403, 403, 200]);
    const history = textOf(await handle.fetchHistory());
    expect(history).toContain(ids['s3_key']);
    expect(history).not.toContain(world.simulator.url);
    expect(history).not.toContain(world.simulator.keys.slng[0]);
  });

  it('asks for fresh download links after one was refused', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'slng.storage-get', status: 403, skip: 1 });
    const outcome = await run();
    expect(outcome).toMatchObject({ phase: 'succeeded' });
    expect(outcome.artifacts).toHaveLength(3);
    expect(calls('slng.files')).toHaveLength(2);
  });

  it('ends with the outcome failed and SLNG’s words where the job fails', async () => {
    world.simulator.setPlan('slng', { outcome: 'failed', message: 'no speech found' });
    const outcome = await run();
    expect(outcome).toMatchObject({ phase: 'failed', status: 'FAILED', message: 'no speech found', artifacts: [] });
    expect(operations()).not.toContain('slng.files');
  });

  it('ends as deleted where the job is deleted before its results were stored', async () => {
    world.simulator.setPlan('slng', { script: [{ status: 'DECODING', polls: 1 }, { status: 'DELETED' }] });
    const outcome = await run();
    expect(outcome).toMatchObject({ phase: 'deleted', status: 'DELETED', artifacts: [] });
    expect(operations()).not.toContain('slng.files');
  });

  it('ends as deleted where the job is deleted between its end and the collection', async () => {
    world.simulator.setPlan('slng', { script: [{ status: 'DONE', polls: 1 }, { status: 'DELETED' }] });
    await expect(run()).resolves.toMatchObject({ phase: 'deleted', status: 'DELETED', artifacts: [] });
  });

  it('ends as expired once SLNG says so, whatever the status', async () => {
    const fields = { expired_at: '2026-05-13T12:01:30Z' };
    world.simulator.setPlan('slng', { script: [{ status: 'DONE', fields }] });
    await expect(run()).resolves.toMatchObject({ phase: 'expired', status: 'DONE', artifacts: [] });
  });

  it('goes on through skipped, repeated and unknown statuses', async () => {
    const words = ['POST_PROCESSING', 'QUEUED', 'REVIEWING'];
    world.simulator.setPlan('slng', { script: words.map((status) => ({ status, polls: 1 })) });
    await expect(run()).resolves.toMatchObject({ phase: 'succeeded', recognised: true });
  });

  it('deletes the job once its results are stored, also where SLNG says 409 first', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'slng.delete', status: 409 });
    const outcome = await run({ deleteAfterCollect: true });
    expect(outcome).toMatchObject({ phase: 'succeeded', status: 'DONE', message: null });
    expect(await read(outcome.artifacts[1])).not.toBe('');
    expect(calls('slng.delete')).toHaveLength(2);
    expect(statusOf(outcome.jobId)).toBe('DELETED');
  });

  it('stays succeeded and says so where the job could not be deleted', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'slng.delete', status: 400, times: null });
    const outcome = await run({ deleteAfterCollect: true });
    expect(outcome).toMatchObject({ phase: 'succeeded' });
    expect(outcome.artifacts).toHaveLength(3);
    expect(outcome.message).toMatch(/could not be deleted.*HTTP 400/);
    expect(statusOf(outcome.jobId)).toBe('DONE');
  });

  it('says at a cancellation that SLNG cannot stop a job, and keeps its id', async () => {
    world.simulator.setPlan('slng', { durationMs: 3_600_000 });
    const handle = await start();
    const { id } = await eventually('the job exists', () => world.simulator.jobs('slng').at(jobsBefore));
    await eventually('its id is recorded', async () => {
      const { jobId } = await handle.query<{ jobId: string | null }>('jobSnapshot');
      return jobId === id;
    });
    await handle.cancel();
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    const description = await handle.describe();
    expect(description.status.name).toBe('CANCELLED');
    expect(description.memo).toMatchObject({ cleanup: 'not-supported' });
    expect(operations()).not.toContain('slng.delete');
  });

  it('keeps the id of a job whose create call is under way when the cancellation comes', async () => {
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'slng.create' });
    const handle = await start();
    await eventually('the create call is held', () => calls('slng.create').length === 1);
    await handle.cancel();
    world.simulator.release(fault);
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    const { jobId } = await handle.query<{ jobId: string | null }>('jobSnapshot');
    expect(jobId).toBe(world.simulator.jobs('slng').at(-1)?.id);
    expect((await handle.describe()).memo).toMatchObject({ cleanup: 'not-supported' });
  });

  it('refuses media that SLNG does not take before it is called', async () => {
    const text = await world.writeSource('notes.txt', 'not media');
    const failure = await (await start({ source: text })).result().catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { type: 'InvalidInput' } });
    expect(operations()).toEqual([]);
  });
});
