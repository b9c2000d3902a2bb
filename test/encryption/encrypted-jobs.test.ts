import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { logLines, type World } from '../setup/world.ts';
import { type EncryptedWorld, makeKey, startEncryptedWorld } from './encrypted-world.ts';

const [oldKey, newKey] = [makeKey('old'), makeKey('new')];
const mediaName = 'canary-interview';
const words = 'canary-words';

/** Serves one content at every address of this machine, and notes what was asked for. */
async function serve(body: Buffer) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': body.length, etag: '"1"' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, asked, close: () => promisify(server.close.bind(server))() };
}

describe('with encryption', () => {
  let world: World;
  let startWorkerWith: EncryptedWorld['startWorkerWith'];
  let clientWith: EncryptedWorld['clientWith'];
  let jobsWith: EncryptedWorld['jobsWith'];
  let recorded: EncryptedWorld['recorded'];
  let source: string;
  let worker: RunningWorker;
  let content: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    ({ world, startWorkerWith, clientWith, jobsWith, recorded } = await startEncryptedWorld(oldKey));
    content = await serve(makeWav(60));
    source = await world.writeSource(`${mediaName}.wav`, makeWav(60));
    worker = await startWorkerWith(oldKey);
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(async () => {
    await content.close();
    await world.close();
  });

  const tiroPlan = (plan: object) => {
    world.simulator.setPlan('tiro', { durationMs: 100, ...plan });
  };

  const failuresIn = async ({ workflowId }: { workflowId: string }) =>
    [...(await recorded(workflowId)).matchAll(/"message":"([^"]*)"/g)].map(([, message]) => message);

  it('the words of activities, summaries and memos are not readable, and are for those who have the key', async () => {
    tiroPlan({});
    const job = await jobsWith(oldKey).start('tiro', { source }, { key: 'metadata' });
    await job.result();
    const text = await recorded(job.workflowId);
    for (const plain of [`Tiro: ${mediaName}`, 'from the file to the results', 'Wait for Tiro to transcribe']) {
      expect(text.toLowerCase()).not.toContain(plain.toLowerCase());
    }
    const seen = await clientWith(oldKey).workflow.getHandle(job.workflowId).describe();
    expect(await seen.staticSummary()).toBe(`Tiro: ${mediaName}.wav`);
    expect(seen.memo).toHaveProperty('inputFingerprint');
  });

  it('the failures of activities and workflows are readable only with the key', async () => {
    world.simulator.addFault({
      kind: 'status',
      operation: 'tiro.create',
      status: 422,
      body: { error: { message: words } },
    });
    const job = await jobsWith(oldKey).start('tiro', { source }, { key: 'refused' });
    const { failure } = await job.result();
    expect(failure?.type).toBe('RequestRejected');
    expect(failure?.message).toContain(words);
    const messages = await failuresIn(job);
    expect(messages.length).toBeGreaterThan(1);
    expect(new Set(messages)).toEqual(new Set(['Encoded failure']));
    expect(await recorded(job.workflowId)).not.toContain(words);
  });

  it('a signed address is accepted, and stays a secret', async () => {
    tiroPlan({});
    const signed = `${content.url}/talk.wav?X-Amz-Signature=canary-signature`;
    const job = await jobsWith(oldKey).start('tiro', { source: signed }, { key: 'signed' });
    expect(await job.result()).toMatchObject({ phase: 'succeeded', failure: null });
    expect(content.asked).toContain('/talk.wav?X-Amz-Signature=canary-signature');
    expect(await recorded(job.workflowId)).not.toContain('canary-signature');
    expect(logLines.filter((line) => line.includes('canary-signature'))).toEqual([]);
    await expect(new ProviderJobs(clientWith()).start('tiro', { source: signed })).rejects.toThrow(
      /turn on payload encryption/,
    );
  });

  it('a live snapshot shows the job and the last error, with and without a worker', async () => {
    tiroPlan({ durationMs: 600_000_000 });
    const job = await jobsWith(oldKey).start('tiro', { source }, { key: 'live' });
    await eventually('it was seen', async () => (await job.snapshot()).status !== null);
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, times: null });
    const snapshot = await eventually('the error shows', async () => {
      const seen = await job.snapshot();
      return seen.lastError === null ? null : seen;
    });
    expect(snapshot).toMatchObject({ resource: 'tiro.voice-file-job', recognised: true });
    expect(snapshot.lastError).toContain('503');
    expect(snapshot.stage).toContain('transcribe');
    const text = await recorded(job.workflowId);
    for (const secret of [snapshot.lastError, snapshot.stage, `"status":"${String(snapshot.status)}"`]) {
      expect(text).not.toContain(secret);
    }
    await worker.stop();
    expect(await job.snapshot()).toMatchObject({ source: 'temporal', resource: 'tiro.voice-file-job' });
    worker = await startWorkerWith(oldKey);
    await job.cancel();
    expect((await job.result()).failure?.type).toBe('Cancelled');
  });

  it('a job goes on through a rotation of keys', async () => {
    tiroPlan({ durationMs: 600_000_000 });
    const job = await jobsWith(oldKey).start('tiro', { source }, { key: 'rotated' });
    await eventually('it is waited for', async () => (await job.snapshot()).pendingActivity === 'fetchJobStatus');
    await worker.stop();
    worker = await startWorkerWith(newKey, oldKey);
    const same = await jobsWith(newKey, oldKey).start('tiro', { source }, { key: 'rotated' });
    expect(same.runId).toBe(job.runId);
    await same.cancel();
    expect((await same.result()).failure?.type).toBe('Cancelled');
    expect(await recorded(job.workflowId)).toMatch(/"encryption-key-id":"\w+ old"[^]*"encryption-key-id":"\w+ new"/);
    await worker.stop();
    worker = await startWorkerWith(oldKey);
  });

  it('a worker without the key leaves a job as it is and logs which key it needs; with the key it goes on', async () => {
    tiroPlan({});
    await worker.stop();
    worker = await startWorkerWith(newKey);
    const job = await jobsWith(oldKey).start('tiro', { source }, { key: 'unreadable' });
    await eventually('the worker has refused it', async () => {
      const { events } = await world.client.workflow.getHandle(job.workflowId).fetchHistory();
      return events?.some(({ workflowTaskFailedEventAttributes: failed }) => failed);
    });
    const told = 'key "old", which is not among PROVIDER_JOBS_ENCRYPTION_KEYS (there are new)';
    expect(logLines.some((line) => line.replaceAll('\\', '').includes(told))).toBe(true);
    await worker.stop();
    worker = await startWorkerWith(oldKey);
    expect(await job.result()).toMatchObject({ phase: 'succeeded' });
  });

  it.each<[string, string[], RegExp]>([
    ['another key', [newKey], /encrypted with the key "old".*there are new/],
    ['another key of the same name', [makeKey('old')], /does not open with it/],
  ])('a client with %s is told which key it needs', async (_how, keys, expected) => {
    await expect(
      jobsWith(...keys)
        .handle('provider-job/tiro/metadata')
        .result(),
    ).rejects.toThrow(expected);
  });

  it('a failed job is found by its failure and goes on, and a pipeline is run again by its memo', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.upload-complete', status: 422, times: null });
    const jobs = jobsWith(oldKey);
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'encrypted-again' });
    const [job] = (await pipeline.result()).jobs;
    expect(job?.failure?.type).toBe('RequestRejected');
    world.simulator.clearFaults();
    expect(await jobs.resume(job?.workflowId ?? '', { dryRun: true })).toMatchObject({
      outcome: 'resumable',
      plan: { endedAs: 'RequestRejected', from: 'fetchJobStatus', makes: [] },
    });
    expect(await jobs.again(pipeline.workflowId)).toMatchObject({ outcome: 'started', steps: [{ does: 'resume' }] });
    expect(await jobs.pipelineHandle(pipeline.workflowId).result()).toMatchObject({ succeeded: true });
  });
});
