import { readFile } from 'node:fs/promises';
import { BlockList } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Artifact, JobOutcome } from '../../src/contract/job.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { type ContentServer, startContentServer } from '../upload/content-server.ts';
import { audio, type SlngWorld, startSlngWorld } from './slng-world.ts';

const read = (artifact: Artifact | undefined) => readFile(fileURLToPath(artifact?.uri ?? ''), 'utf8');

describe('slngTranscription', () => {
  let slng: SlngWorld;
  beforeAll(async () => {
    slng = await startSlngWorld();
  });
  beforeEach(() => {
    slng.reset();
  });
  afterAll(() => slng.world.close());

  it('goes from a file to its transcript in three formats, and as WebVTT', async () => {
    const handle = await slng.start({
      transcription_config: { language: 'en', diarization: 'speaker' },
      metadata: { a: 1 },
    });
    const outcome = (await handle.result()) as JobOutcome;
    expect(outcome).toMatchObject({ provider: 'slng', resource: 'slng.batch-job', phase: 'succeeded', status: 'DONE' });
    expect(outcome.jobId).toMatch(/^pj[0-9a-f]{30}$/);
    expect(outcome.ids).toEqual({ job_id: outcome.jobId, s3_key: `inputs/${outcome.jobId}/talk.wav` });
    expect(outcome.artifacts.map(({ name }) => name)).toEqual([
      'transcript.json',
      'transcript.txt',
      'transcript.srt',
      'transcript.vtt',
    ]);
    await expectOwnResults(outcome.artifacts, audio);
    expect(JSON.parse(await read(outcome.artifacts[0]))).toHaveProperty('results');
    expect(await read(outcome.artifacts[2])).toMatch(/^1\n00:00:/);
    expect(slng.createdJobs()).toEqual([outcome.jobId]);
    expect(slng.operations().filter((operation) => operation !== 'slng.status')).toEqual([
      ...['slng.presign', 'slng.storage-put', 'slng.create', 'slng.files'],
      ...['slng.storage-get', 'slng.storage-get', 'slng.storage-get'],
    ]);
    expect(slng.calls('slng.storage-put')[0]?.bytesReceived).toBe(audio.length);
    expect(outcome.statusCalls).toBe(slng.calls('slng.status').length);
    expect(outcome.statusCalls).toBeLessThanOrEqual(10);
  });

  describe('with an https source', () => {
    let server: ContentServer;
    const bytes = makeWav(60);
    beforeEach(async () => {
      // Only here: the worker's own look at the source would refuse the certificate that the test makes for itself.
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      server = await startContentServer({ content: bytes, mediaType: 'audio/wav', etag: '"one"' });
    });
    afterEach(async () => {
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
      await server.close();
    });
    const wasReadBySlng = () => server.requests.some(({ headers }) => headers.range === undefined);
    const uploadedBytes = () => slng.calls('slng.storage-put').map(({ bytesReceived }) => bytesReceived);

    it('lets SLNG read a public address itself', async () => {
      // This machine passes for a public one.
      vi.spyOn(BlockList.prototype, 'check').mockReturnValue(false);
      const outcome = await slng.run({ source: `${server.origin}/talk.wav` });
      expect(outcome).toMatchObject({ phase: 'succeeded', ids: { job_id: outcome.jobId } });
      expect(outcome.artifacts).toHaveLength(4);
      await expectOwnResults(outcome.artifacts, makeWav(60));
      expect(slng.operations()).not.toContain('slng.presign');
      expect(wasReadBySlng()).toBe(true);
    });

    it('uploads what is on a private address, and does not name it', async () => {
      await expect(slng.run({ source: `${server.origin}/talk.wav` })).resolves.toMatchObject({ phase: 'succeeded' });
      expect(uploadedBytes()).toEqual([bytes.length]);
      expect(wasReadBySlng()).toBe(false);
    });

    it('gives the address away where the caller says so', async () => {
      const outcome = await slng.run({ source: `${server.origin}/talk.wav`, sendAs: 'address' });
      expect(outcome.phase).toBe('succeeded');
      expect([uploadedBytes(), wasReadBySlng()]).toEqual([[], true]);
    });

    it('uploads what is public where the caller says so', async () => {
      vi.spyOn(BlockList.prototype, 'check').mockReturnValue(false);
      const outcome = await slng.run({ source: `${server.origin}/talk.wav`, sendAs: 'bytes' });
      expect(outcome.phase).toBe('succeeded');
      expect([uploadedBytes(), wasReadBySlng()]).toEqual([[bytes.length], false]);
    });
  });

  it('uploads what is on an http address of this machine, which SLNG cannot read', async () => {
    const server = await startContentServer({ content: makeWav(60), mediaType: 'audio/wav', etag: '"one"' }, false);
    try {
      const outcome = await slng.run({ source: `${server.origin}/talk.wav` });
      expect(outcome.phase).toBe('succeeded');
      await expectOwnResults(outcome.artifacts, makeWav(60));
      expect(slng.calls('slng.storage-put')[0]?.bytesReceived).toBe(makeWav(60).length);
    } finally {
      await server.close();
    }
  });

  it('ends with the outcome failed and SLNG’s words where the job fails', async () => {
    slng.world.simulator.setPlan('slng', { outcome: 'failed', message: 'no speech found' });
    const outcome = await slng.run();
    expect(outcome).toMatchObject({ phase: 'failed', status: 'FAILED', message: 'no speech found', artifacts: [] });
    expect(slng.operations()).not.toContain('slng.files');
  });

  it('ends as deleted where the job is deleted before its results were stored', async () => {
    slng.world.simulator.setPlan('slng', { script: [{ status: 'DECODING', polls: 1 }, { status: 'DELETED' }] });
    const outcome = await slng.run();
    expect(outcome).toMatchObject({ phase: 'deleted', status: 'DELETED', artifacts: [] });
    expect(slng.operations()).not.toContain('slng.files');
  });

  it('ends as deleted where the job is deleted between its end and the collection', async () => {
    slng.world.simulator.setPlan('slng', { script: [{ status: 'DONE', polls: 1 }, { status: 'DELETED' }] });
    await expect(slng.run()).resolves.toMatchObject({ phase: 'deleted', status: 'DELETED', artifacts: [] });
  });

  it('ends as expired once SLNG says so, whatever the status', async () => {
    const fields = { expired_at: '2026-05-13T12:01:30Z' };
    slng.world.simulator.setPlan('slng', { script: [{ status: 'DONE', fields }] });
    await expect(slng.run()).resolves.toMatchObject({ phase: 'expired', status: 'DONE', artifacts: [] });
  });

  it('goes on through skipped, repeated and unknown statuses', async () => {
    const words = ['POST_PROCESSING', 'QUEUED', 'REVIEWING'];
    slng.world.simulator.setPlan('slng', { script: words.map((status) => ({ status, polls: 1 })) });
    await expect(slng.run()).resolves.toMatchObject({ phase: 'succeeded', recognised: true });
  });

  it('deletes the job once its results are stored, also where SLNG says 409 first', async () => {
    slng.world.simulator.addFault({ kind: 'status', operation: 'slng.delete', status: 409 });
    const outcome = await slng.run({ deleteAfterCollect: true });
    expect(outcome).toMatchObject({ phase: 'succeeded', status: 'DONE', message: null });
    expect(await read(outcome.artifacts[1])).not.toBe('');
    expect(slng.calls('slng.delete')).toHaveLength(2);
    expect(slng.statusOf(outcome.jobId)).toBe('DELETED');
  });

  it('stays succeeded and says so where the job could not be deleted', async () => {
    slng.world.simulator.addFault({ kind: 'status', operation: 'slng.delete', status: 400, times: null });
    const outcome = await slng.run({ deleteAfterCollect: true });
    expect(outcome).toMatchObject({ phase: 'succeeded' });
    expect(outcome.artifacts).toHaveLength(4);
    expect(outcome.message).toMatch(/could not be deleted.*HTTP 400/);
    expect(slng.statusOf(outcome.jobId)).toBe('DONE');
  });

  it('refuses media that SLNG does not take before it is called', async () => {
    const text = await slng.world.writeSource('notes.txt', 'not media');
    const failure: unknown = await slng.run({ source: text }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { type: 'InvalidInput' } });
    expect(slng.operations()).toEqual([]);
  });
});
