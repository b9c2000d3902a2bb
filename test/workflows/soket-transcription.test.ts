import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome, JobResult } from '../../src/contract/job.ts';
import type { Operation } from '../../src/simulator/operations.ts';
import { eventually } from '../setup/eventually.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('soketTranscription', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());
  afterEach(() => {
    world.simulator.clearFaults();
  });

  // All of one size and each of other content, so that one taken for another shows.
  let written = 0;
  const write = (...names: string[]) =>
    Promise.all(names.map((name) => world.writeSource(name, makeWav(30, (written += 1)))));
  const start = (key: string, input: object) => world.start('soketTranscription', `provider-job/soket/${key}`, input);
  const run = async (key: string, input: object) => (await (await start(key, input)).result()) as JobOutcome;

  /** Counts from here on, since the tests of this file share one simulator. */
  function counting() {
    const count = (operation: Operation) => world.simulator.calls({ operation }).length;
    const before = new Map<Operation, number>();
    const operations = [
      ...(['soket.upload', 'soket.submit', 'soket.batch-results', 'soket.delete-files'] as const),
      ...(['soket.upload-status', 'soket.file-result'] as const),
    ];
    for (const operation of operations) before.set(operation, count(operation));
    const jobsBefore = world.simulator.counters().jobsCreated.soket;
    return {
      calls: (operation: (typeof operations)[number]) => count(operation) - (before.get(operation) ?? 0),
      jobs: () => world.simulator.counters().jobsCreated.soket - jobsBefore,
    };
  }

  it('goes from one file to its results and its text', async () => {
    const [source = ''] = await write('talk.wav');
    const outcome = await run('one', { source, speech_information: true });
    expect(outcome).toMatchObject({ provider: 'soket', resource: 'soket.batch', phase: 'succeeded', recognised: true });
    expect(outcome.files).toBeUndefined();
    expect(outcome.jobId).toBe(outcome.ids['batch_id']);
    expect(outcome.ids).toHaveProperty('batch_upload_id');
    expect(outcome.artifacts.map(({ name }) => name)).toEqual(['results.json', 'talk.wav.json', 'transcript.txt']);
    const stored = JSON.parse(await readFile(fileURLToPath(outcome.artifacts[1]?.uri ?? ''), 'utf8')) as object;
    expect(stored).toMatchObject({ filename: 'talk.wav', status: 'completed' });
    expect(stored).toHaveProperty('result.speech_information');
    await expectOwnResults(outcome.artifacts, source);
  });

  it('takes several files through one upload and one batch and keeps their order', async () => {
    const count = counting();
    const source = await write('c.wav', 'a.wav', 'b.wav');
    const outcome = await run('several', { source });
    expect(outcome.phase).toBe('succeeded');
    expect(outcome.files?.map(({ name, phase }) => `${name} ${phase}`)).toEqual([
      'c.wav succeeded',
      'a.wav succeeded',
      'b.wav succeeded',
    ]);
    expect([count.calls('soket.upload'), count.calls('soket.submit')]).toEqual([1, 1]);
    const [all, ...each] = outcome.artifacts;
    await expectOwnResults(all ? [all] : [], ...source);
    for (const [index, name] of ['c.wav', 'a.wav', 'b.wav'].entries()) {
      const own = each.filter((artifact) => artifact.name.startsWith(name));
      await expectOwnResults(own, ...source.slice(index, index + 1));
    }
  });

  it('reads every page of the results', async () => {
    const count = counting();
    const names = Array.from({ length: 12 }, (_, index) => `part-${String(index)}.wav`);
    const outcome = await run('paged', { source: await write(...names) });
    expect(outcome.files?.map(({ name }) => name)).toEqual(names);
    expect(count.calls('soket.batch-results')).toBe(2);
    const all = JSON.parse(await readFile(fileURLToPath(outcome.artifacts[0]?.uri ?? ''), 'utf8')) as unknown[];
    expect(all).toHaveLength(12);
  });

  it('says which files of a mixed batch failed, and why', async () => {
    world.simulator.setPlan('soket', { failedFiles: [1], message: 'only noise' });
    const outcome = await run('mixed', { source: await write('good.wav', 'noise.wav') });
    expect(outcome.phase).toBe('partially-succeeded');
    expect(outcome.files).toMatchObject([
      { name: 'good.wav', phase: 'succeeded', message: null },
      { name: 'noise.wav', phase: 'failed', message: 'only noise' },
    ]);
    const names = outcome.artifacts.map(({ name }) => name);
    expect(names).toEqual(['results.json', 'good.wav.json', 'good.wav.transcript.txt']);
  });

  it('has the outcome failed with the reason where no file could be transcribed', async () => {
    world.simulator.setPlan('soket', { failedFiles: 'all', message: 'no speech' });
    const [source] = await write('silent.wav');
    const outcome = await run('failed', { source });
    expect(outcome).toMatchObject({ phase: 'failed', message: 'no speech', artifacts: [] });
  });

  it('goes on with the files that were taken in where others were not', async () => {
    world.simulator.setPlan('soket', { failedUploads: [0] });
    const outcome = await run('some-uploads', { source: await write('lost.wav', 'kept.wav') });
    expect(outcome).toMatchObject({ phase: 'partially-succeeded', resource: 'soket.batch' });
    expect(outcome.files?.map(({ name, phase }) => `${name} ${phase}`)).toEqual([
      'lost.wav failed',
      'kept.wav succeeded',
    ]);
  });

  it('submits nothing where no file could be taken in', async () => {
    const count = counting();
    world.simulator.setPlan('soket', { failedUploads: 'all' });
    const outcome = await run('no-uploads', { source: await write('x.wav', 'y.wav') });
    expect(outcome).toMatchObject({ phase: 'failed', resource: 'soket.upload', artifacts: [] });
    expect(outcome.files?.map(({ phase }) => phase)).toEqual(['failed', 'failed']);
    expect(count.calls('soket.submit')).toBe(0);
  });

  it('submits again after 409, which means not yet', async () => {
    const count = counting();
    world.simulator.addFault({ kind: 'status', operation: 'soket.submit', status: 409, times: 2 });
    const [source] = await write('early.wav');
    expect((await run('conflict', { source })).phase).toBe('succeeded');
    expect([count.calls('soket.submit'), count.jobs()]).toEqual([3, 2]);
  });

  it('finds the upload whose answer was lost and does not upload again', async () => {
    const count = counting();
    world.simulator.addFault({ kind: 'cut-after', operation: 'soket.upload' });
    const outcome = await run('lost-upload', { source: await write('überlang "1".wav', 'second.wav') });
    expect(outcome.phase).toBe('succeeded');
    expect(count.calls('soket.upload')).toBe(1);
  });

  it('uploads again where the connection broke before the upload was taken', async () => {
    const count = counting();
    world.simulator.addFault({ kind: 'cut', operation: 'soket.upload' });
    const [source] = await write('broken.wav');
    expect((await run('cut-upload', { source })).phase).toBe('succeeded');
    expect([count.calls('soket.upload'), count.jobs()]).toEqual([2, 2]);
  });

  it('follows the files by themselves after a lost answer to a submission that was taken', async () => {
    const count = counting();
    world.simulator.setPlan('soket', { failedFiles: [1] });
    world.simulator.addFault({ kind: 'cut-after', operation: 'soket.submit' });
    const outcome = await run('lost-submit', { source: await write('first.wav', 'other.wav') });
    expect(outcome).toMatchObject({ phase: 'partially-succeeded', resource: 'soket.upload' });
    expect(outcome.files?.map(({ name, phase }) => `${name} ${phase}`)).toEqual([
      'first.wav succeeded',
      'other.wav failed',
    ]);
    expect([count.calls('soket.submit'), count.jobs()]).toEqual([1, 2]);
  });

  it.each([
    ['cut', { kind: 'cut', operation: 'soket.submit' }],
    ['gateway', { kind: 'status', operation: 'soket.submit', status: 502 }],
  ] as const)(
    'ends as SubmitUnconfirmed after a submission without an answer (%s), with one request',
    async (key, fault) => {
      const count = counting();
      world.simulator.addFault(fault);
      const [source] = await write('unsure.wav');
      const failed = run(`unconfirmed-${key}`, { source });
      await expect(failed).rejects.toMatchObject({ cause: { type: 'SubmitUnconfirmed' } });
      expect([count.calls('soket.submit'), count.jobs()]).toEqual([1, 1]);
    },
  );

  it('counts its status calls once, however many files Soket does not know', async () => {
    const count = counting();
    world.simulator.addFault({ kind: 'cut', operation: 'soket.submit' });
    const names = ['1.wav', '2.wav', '3.wav', '4.wav'];
    const error: unknown = await run('unknown-files', { source: await write(...names) }).catch(
      (thrown: unknown) => thrown,
    );
    const { cause } = error as { cause: ApplicationFailure };
    expect(cause.type).toBe('SubmitUnconfirmed');
    const { statusCalls } = cause.details?.[0] as JobResult;
    expect(statusCalls).toBeLessThanOrEqual(count.calls('soket.upload-status') + count.calls('soket.file-result'));
    expect(statusCalls).toBeGreaterThanOrEqual(names.length);
  });

  it('tries again after one error that came with 200', async () => {
    world.simulator.addFault({ kind: 'body', operation: 'soket.batch-status', body: '{"error":"batch not found"}' });
    const [source] = await write('hidden.wav');
    expect((await run('hidden-once', { source })).phase).toBe('succeeded');
  });

  it('ends as JobNotFound where the error with 200 is confirmed', async () => {
    const body = '{"error":"batch not found"}';
    world.simulator.addFault({ kind: 'body', operation: 'soket.batch-status', body, times: null });
    const [source] = await write('gone.wav');
    await expect(run('hidden', { source })).rejects.toMatchObject({ cause: { type: 'JobNotFound' } });
  });

  describe('when it is cancelled', () => {
    const cancelled = { cause: { name: 'CancelledFailure' } };
    const cancelRequested = 3;

    async function cancelActivity(handle: WorkflowHandle): Promise<void> {
      await handle.cancel();
      await eventually('the server has passed the cancellation on', async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.some(({ state }) => Number(state) === cancelRequested);
      });
    }

    it('keeps the id of an upload under way and deletes its files', async () => {
      const count = counting();
      const fault = world.simulator.addFault({ kind: 'hold', operation: 'soket.upload' });
      const source = await world.writeSource('cancel-upload.wav', makeWav(1));
      const handle = await start('cancel-upload', { source });
      await eventually('the upload is held', () => count.calls('soket.upload') === 1);
      await cancelActivity(handle);
      world.simulator.release(fault);
      await expect(handle.result()).rejects.toMatchObject(cancelled);
      const { memo, typedSearchAttributes } = await handle.describe();
      expect(memo).toMatchObject({ cleanup: 'cancelled' });
      expect(JSON.stringify(typedSearchAttributes)).toContain('ProviderJobId');
      expect([count.jobs(), count.calls('soket.delete-files')]).toEqual([1, 1]);
    });

    it('ends at once while a submission waits for its next try', async () => {
      const count = counting();
      world.simulator.addFault({
        kind: 'status',
        operation: 'soket.submit',
        status: 409,
        times: null,
        retryAfter: { form: 'seconds', seconds: 600 },
      });
      const [source] = await write('cancel-conflict.wav');
      const handle = await start('cancel-conflict', { source });
      await eventually('a submission was refused', () => count.calls('soket.submit') === 1);
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject(cancelled);
      expect((await handle.describe()).memo).toMatchObject({ cleanup: 'cancelled' });
    });

    it('keeps the id of a batch that is being submitted, and says that a batch cannot be cancelled', async () => {
      const count = counting();
      const fault = world.simulator.addFault({ kind: 'hold', operation: 'soket.submit' });
      const [source] = await write('cancel-submit.wav');
      const handle = await start('cancel-submit', { source });
      await eventually('the submission is held', () => count.calls('soket.submit') === 1);
      await cancelActivity(handle);
      world.simulator.release(fault);
      await expect(handle.result()).rejects.toMatchObject(cancelled);
      const { memo, typedSearchAttributes } = await handle.describe();
      const batch = world.simulator
        .jobs('soket')
        .filter(({ resource }) => resource === 'batch')
        .at(-1);
      expect(JSON.stringify(typedSearchAttributes)).toContain(batch?.id);
      expect(memo).toMatchObject({ cleanup: 'not-supported' });
    });
  });
});
