import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import type { Operation } from '../../src/simulator/index.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

// An hour is 360 ms, SLNG's half hour 180 ms, a day 8.6 s.
const timeScale = 10_000;

describe('what expires', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ timeScale, simulator: { chunkSizeBytes: 4096 } });
    source = await world.writeSource('clip.wav', makeWav(30));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  let started = 0;
  const start = (type: string, input: object = {}) => {
    started += 1;
    return world.start(type, `provider-job/expiry/${String(started)}`, { source, ...input });
  };
  const outcomeOf = async (handle: WorkflowHandle) => (await handle.result()) as JobOutcome;
  async function failureOf(handle: WorkflowHandle) {
    const error: unknown = await handle.result().catch((failure: unknown) => failure);
    return (error as { cause: unknown }).cause;
  }
  function since(): (operation: Operation) => (number | null)[] {
    const before = world.simulator.calls().length;
    return (operation) =>
      world.simulator
        .calls()
        .slice(before)
        .filter((call) => call.operation === operation)
        .map(({ status }) => status);
  }
  const slow = (operation: Operation, delayMs: number, times: number | null) =>
    world.simulator.addFault({ kind: 'delay', operation, delayMs, times });
  const visibleReason = (handle: WorkflowHandle, words: RegExp) =>
    eventually('the reason shows', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ lastFailure }) => words.test(lastFailure?.message ?? ''));
    });

  it('of TwelveLabs: an upload address that grew old is replaced before it is used', async () => {
    const calls = since();
    slow('twelvelabs.part-put', 400, 5);
    const handle = await start('twelvelabsUpload');
    expect(await outcomeOf(handle)).toMatchObject({ phase: 'succeeded' });
    // The five slow ones run out on their way; of the 45 addresses that waited behind them few are tried, if any.
    const refused = calls('twelvelabs.part-put').filter((status) => status === 403);
    expect(refused.length).toBeLessThan(20);
    const batches = Math.ceil(calls('twelvelabs.part-put').length / 50);
    expect(calls('twelvelabs.presigned-urls').length).toBeGreaterThan(batches);
  });

  it('of TwelveLabs: a session that expired while no worker ran is replaced', async () => {
    const calls = since();
    const sessions = () => world.simulator.jobs('twelvelabs').filter(({ resource }) => resource === 'multipart-upload');
    const before = sessions().length;
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'twelvelabs.part-put', times: null });
    const handle = await start('twelvelabsUpload');
    await eventually('a part is on its way', () => calls('twelvelabs.part-put').includes(null));
    await world.worker?.stop();
    await eventually('the session has expired', () => sessions().at(-1)?.status === 'expired');
    world.simulator.release(fault);
    world.worker = await world.startWorker();
    expect(await outcomeOf(handle)).toMatchObject({ phase: 'succeeded' });
    expect(sessions().slice(before)).toMatchObject([{ status: 'expired' }, { status: 'completed' }]);
  });

  it('of TwelveLabs: three sessions are the most, and the last one is named', async () => {
    const calls = since();
    world.simulator.setPlan('twelvelabs', { jobs: 3, sessionEnd: { status: 'expired', afterParts: 10 } });
    const words = /lost in 3 sessions; session \w+ is expired/;
    expect(await failureOf(await start('twelvelabsUpload'))).toMatchObject({
      type: 'UploadFailed',
      message: expect.stringMatching(words) as string,
    });
    expect(calls('twelvelabs.create-session')).toHaveLength(3);
  });

  it('of Tiro: an upload that outlasts its address begins anew with a new job', async () => {
    const calls = since();
    slow('tiro.storage-put', 600, 2);
    const handle = await start('tiroTranscription');
    await visibleReason(handle, /the upload address expired/);
    const { phase, jobId } = await outcomeOf(handle);
    expect({ phase, jobId }).toEqual({ phase: 'succeeded', jobId: world.simulator.jobs('tiro').at(-1)?.id });
    expect(calls('tiro.create')).toHaveLength(3);
  });

  it('of SLNG: an upload address that expired on the way is replaced', async () => {
    const calls = since();
    slow('slng.storage-put', 400, 1);
    expect(await outcomeOf(await start('slngTranscription'))).toMatchObject({ phase: 'succeeded' });
    // A busy machine may let the next address expire as well.
    const puts = calls('slng.storage-put');
    expect(puts).toEqual([...puts.slice(1).map(() => 403), 200]);
    expect(puts.length).toBeGreaterThan(1);
    expect(calls('slng.presign')).toHaveLength(puts.length);
  });

  it('of SLNG: download links that expired on the way are replaced', async () => {
    const calls = since();
    slow('slng.storage-get', 700, 1);
    const outcome = await outcomeOf(await start('slngTranscription'));
    expect(outcome.artifacts.map(({ name }) => name).sort()).toEqual([
      'transcript.json',
      'transcript.srt',
      'transcript.txt',
      'transcript.vtt',
    ]);
    expect(calls('slng.files').length).toBeGreaterThan(1);
  });

  it.each<[string, Operation, Operation]>([
    ['tiroTranscription', 'tiro.storage-put', 'tiro.create'],
    ['slngTranscription', 'slng.storage-put', 'slng.presign'],
    ['slngTranscription', 'slng.storage-get', 'slng.files'],
  ])(
    '%s: addresses that %s refuses for ten minutes are the end, and the failure says so',
    async (type, storage, fresh) => {
      const calls = since();
      const body = 'Request has expired';
      world.simulator.addFault({ kind: 'status', operation: storage, status: 403, body, times: null });
      const message = expect.stringMatching(/403.*Request has expired/) as string;
      expect(await failureOf(await start(type))).toMatchObject({ type: 'ProviderUnavailable', message });
      expect(calls(fresh).length).toBeGreaterThanOrEqual(3);
    },
  );

  it.each<[string, Operation]>([
    ['tiroTranscription', 'tiro.storage-put'],
    ['slngTranscription', 'slng.storage-put'],
    ['soketTranscription', 'soket.upload'],
    ['twelvelabsUpload', 'twelvelabs.part-put'],
  ])('%s ends at its own deadline, also while %s stands still', async (type, operation) => {
    world.simulator.addFault({ kind: 'hold', operation, times: null });
    const startedAt = Date.now();
    expect(await failureOf(await start(type, { deadline: '1s' }))).toMatchObject({ type: 'DeadlineExceeded' });
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });
});
