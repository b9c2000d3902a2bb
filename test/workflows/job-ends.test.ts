import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type JobHandle, type JobNotice, type JobResult, ProviderJobs } from '../../src/index.ts';
import type { LifecycleProvider, ResourceName } from '../../src/index.ts';
import type { ResultStore } from '../../src/results/result-store.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { ResultStoreError } from '../../src/results/result-store-error.ts';
import { collects } from '../../src/workflows/collects.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { providers } from '../../src/providers/registry.ts';
import { parseWorkflowId } from '../../src/contract/workflow-ids.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const drivable = ['soket', 'twelvelabs', 'tiro', 'slng'] as const;
const forEver = { script: [{ status: 'PROCESSING' }] };

describe('the end of a job', () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  let refuses: (name: string) => boolean = () => false;
  beforeAll(async () => {
    world = await startWorld({ startWorker: false });
    const store = createDirectoryResultStore(world.resultsDirectory);
    const results: ResultStore = {
      check: () => store.check(),
      exists: (folder, name) => store.exists(folder, name),
      write: (folder, name, ...rest) =>
        refuses(name)
          ? Promise.reject(new ResultStoreError('ENOSPC', 'the disk is full'))
          : store.write(folder, name, ...rest),
    };
    await world.startWorker({ results });
    jobs = new ProviderJobs(world.client);
    source = await world.writeSource('talk.wav', makeWav(30));
  });
  afterEach(() => {
    refuses = () => false;
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  async function noticeOf({ workflowId }: JobHandle): Promise<JobNotice> {
    const { events } = await world.client.workflow.getHandle(workflowId).fetchHistory();
    const [sent] = (events ?? []).flatMap(
      (event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes ?? [],
    );
    return JSON.parse(Buffer.from(sent?.input?.payloads?.[0]?.data ?? []).toString()) as JobNotice;
  }
  const start = (provider: LifecycleProvider, key: string, more: object = {}) =>
    jobs.start(provider, { source, notify: ['nobody-here'], ...more }, { key });
  const readOutcome = async ({ outcome }: JobResult) =>
    JSON.parse(await readFile(fileURLToPath(outcome ?? ''), 'utf8')) as JobResult;

  /** The end of a job, after it was found to be told alike everywhere. */
  async function endOf(job: JobHandle): Promise<JobResult> {
    const result = await job.result();
    const { at, ...notice } = await noticeOf(job);
    expect(at).toBe(notice.endedAt);
    expect(result).toEqual(notice);
    // Beside it stands whose the job is at its provider, for those who clean there; what is tracked is somebody else's.
    const isOurs = parseWorkflowId(job.workflowId)?.kind === 'lifecycle';
    const origin = { marker: expect.stringMatching(/^[0-9a-f]{16}$/) as string, credential: 'default' };
    expect(await readOutcome(result)).toEqual({ ...result, outcome: null, ...(isOurs ? { origin } : {}) });
    expect(result.outcome).toMatch(new RegExp(`/${world.namespace}/${job.workflowId}/outcome\\.json$`));
    expect(await job.snapshot()).toMatchObject({ phase: result.phase, message: result.message });
    return result;
  }

  it.each(drivable)('that succeeded at %s is told alike by notice, client and outcome.json', async (provider) => {
    const job = await start(provider, `succeeds-${provider}`);
    const result = await endOf(job);
    expect(result).toMatchObject({
      ...{ workflowId: job.workflowId, runId: job.runId, provider, phase: 'succeeded', message: null, missing: [] },
      ...{ failure: null, cleanup: null },
      media: [{ name: 'talk.wav', mediaType: 'audio/wav', durationSeconds: 30 }],
    });
    expect(Object.values(result.ids)).toContain(result.jobId);
    expect(result.artifacts.map(({ name }) => name)).not.toContain('outcome.json');
    expect(Date.parse(result.endedAt ?? '')).toBeGreaterThan(Date.parse(result.startedAt ?? ''));
  });

  it.each([
    ['soket', { failedFiles: 'all' }],
    ['twelvelabs', { outcome: 'failed' }],
    ['tiro', { outcome: 'failed' }],
    ['slng', { outcome: 'failed' }],
  ] as const)('that failed at %s says why in its words', async (provider, plan) => {
    const message = `codec not supported at ${provider}`;
    world.simulator.setPlan(provider, { ...plan, message });
    const result = await endOf(await start(provider, `fails-${provider}`));
    expect(result).toMatchObject({ phase: 'failed', message, failure: null, artifacts: [] });
  });

  it('of several files at Soket says which failed and why', async () => {
    world.simulator.setPlan('soket', { failedFiles: [1], message: 'only noise' });
    const sources = [source, await world.writeSource('noise.wav', makeWav(31))];
    const result = await endOf(await start('soket', 'mixed', { source: sources }));
    expect(result).toMatchObject({
      ...{ phase: 'partially-succeeded', message: '1 of 2 files failed: noise.wav: only noise' },
      files: [{ name: 'talk.wav' }, { name: 'noise.wav', message: 'only noise' }],
    });
  });

  it('that could not be found out says why in our words', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.create', status: 422, body: '{}', times: null });
    const result = await endOf(await start('tiro', 'refused'));
    expect(result).toMatchObject({ jobId: null, phase: null, failure: { type: 'RequestRejected' } });
    expect(result.message).toBe(result.failure?.message);
    expect(result.media).toHaveLength(1);
  });

  it('that was cancelled says what clean-up came to', async () => {
    world.simulator.setPlan('tiro', forEver);
    const job = await start('tiro', 'cancelled');
    await eventually('the job runs', async () => (await job.snapshot()).phase === 'running');
    await job.cancel();
    const result = await job.result();
    const notice = await noticeOf(job);
    expect(notice).toMatchObject({ phase: 'running', failure: { type: 'Cancelled' }, cleanup: 'not-supported' });
    expect(result).toMatchObject({ jobId: notice.jobId, phase: 'running', cleanup: 'not-supported' });
    expect(await readOutcome(notice)).toMatchObject({ failure: { type: 'Cancelled' }, cleanup: 'not-supported' });
  });

  it('tells what is missing, in the words of the provider', async () => {
    for (const operation of ['tiro.transcript-summary', 'tiro.translation-summary'] as const)
      world.simulator.addFault({ kind: 'status', operation, status: 404, times: null });
    const result = await endOf(await start('tiro', 'no-summary', { translationLocales: ['ko_KR'] }));
    expect(result.phase).toBe('succeeded');
    expect(result.artifacts.map(({ name }) => name)).toEqual([
      ...['transcript.json', 'transcript.txt', 'transcript.vtt', 'translation.ko_KR.json'],
    ]);
    expect(result.missing.map(({ name }) => name)).toEqual(['summary.md', 'summary.ko_KR.md']);
  });

  it('is written last, once the result store takes it', async () => {
    let refused = 0;
    refuses = (name) => name === 'outcome.json' && (refused += 1) < 3;
    const result = await endOf(await start('tiro', 'full-disk'));
    expect(refused).toBe(3);
    expect(result).toMatchObject({ phase: 'succeeded', failure: null });
  });

  it('stays what it is where that cannot be written down', async () => {
    refuses = (name) => name === 'outcome.json';
    world.simulator.setPlan('slng', { outcome: 'failed', message: 'no speech' });
    const job = await start('slng', 'full-disk');
    const result = await job.result();
    expect(result).toMatchObject({ phase: 'failed', message: 'no speech', failure: null, outcome: null });
    expect(await noticeOf(job)).toMatchObject({ phase: 'failed', outcome: null });
  });

  describe('that is only followed', () => {
    const follow = async (provider: LifecycleProvider, key: string, options: object) => {
      const { resource, jobId } = await (await start(provider, key)).result();
      return jobs.track(resource as ResourceName, jobId ?? '', options);
    };
    const folderOf = ({ workflowId }: JobHandle) =>
      join(world.resultsDirectory, world.namespace, ...workflowId.split('/'));

    it.each(drivable)('has its results stored from %s where that is wanted', async (provider) => {
      const options = { collect: true, notify: ['nobody-here'] };
      const job = await follow(provider, `theirs-${provider}`, options);
      const result = await endOf(job);
      const own = await jobs.handle(`provider-job/${provider}/theirs-${provider}`).result();
      expect(result).toMatchObject({ phase: 'succeeded', jobId: own.jobId, media: [] });
      expect(result.artifacts.length).toBeGreaterThan(0);
      // Of the files of a stranger's batch only Soket's own names are known.
      const hashOf = ({ artifacts }: JobResult) =>
        artifacts.find(({ name }) => name === 'transcript.txt' || name === 'asset.json')?.sha256;
      expect(hashOf(result)).toEqual(expect.any(String));
      expect(hashOf(result)).toBe(hashOf(own));
    });

    it('has the translations stored that are asked for', async () => {
      const { jobId } = await (await start('tiro', 'translated', { translationLocales: ['ko_KR', 'ja_JP'] })).result();
      const options = { collect: true, translationLocales: ['ja_JP'] };
      const result = await (await jobs.track('tiro.voice-file-job', jobId ?? '', options)).result();
      const names = result.artifacts.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['translation.ja_JP.json', 'summary.ja_JP.md']));
      expect(names).not.toContain('translation.ko_KR.json');
    });

    it('leaves nothing in the result store otherwise', async () => {
      const job = await follow('tiro', 'just-followed', {});
      expect(await job.result()).toMatchObject({ phase: 'succeeded', artifacts: [], outcome: null });
      expect(existsSync(folderOf(job))).toBe(false);
    });

    it('says why files of a Soket batch failed, though its status only counts them', async () => {
      world.simulator.setPlan('soket', { failedFiles: 'all', message: 'only noise' });
      const job = await follow('soket', 'theirs-fails', { collect: true, notify: ['nobody-here'] });
      expect(await endOf(job)).toMatchObject({
        phase: 'failed',
        message: expect.stringMatching(/^1 of 1 files failed: talk\.\w+\.wav: only noise$/) as string,
      });
    });

    it('says how many failed where the reasons cannot be had', async () => {
      world.simulator.setPlan('soket', { failedFiles: 'all', message: 'only noise' });
      const { jobId } = await (await start('soket', 'theirs-silent')).result();
      world.simulator.addFault({ kind: 'status', operation: 'soket.batch-results', status: 500, times: null });
      const result = await (await jobs.track('soket.batch', jobId ?? '')).result();
      expect(result).toMatchObject({ phase: 'failed', message: '1 of 1 files failed' });
    });

    it('is not joined by one who wants results that it does not store', async () => {
      world.simulator.setPlan('tiro', forEver);
      const { jobId } = await eventually('the job is there', async () => {
        const snapshot = await (await start('tiro', 'joined')).snapshot();
        return snapshot.jobId === null ? null : snapshot;
      });
      const track = (options: object) => jobs.track('tiro.voice-file-job', jobId ?? '', options);
      const plain = await track({});
      expect((await track({ deadline: '1h' })).runId).toBe(plain.runId);
      await expect(track({ collect: true })).rejects.toMatchObject({ name: 'KeyInUseError', fields: ['collect'] });
      await plain.cancel();
      await plain.result();
      const collecting = await track({ collect: true });
      expect((await track({ collect: true, deadline: '1h' })).runId).toBe(collecting.runId);
      expect((await track({})).runId).toBe(collecting.runId);
      await Promise.all([collecting.cancel(), jobs.handle('provider-job/tiro/joined').cancel()]);
    });

    it.each([
      ['soket', 'upload'],
      ['twelvelabs', 'multipart-upload'],
    ])('is refused by the workflow too where a %s %s is to be collected', async (provider, resource) => {
      const id = `${provider}-has-none`;
      const input = { provider, resource, id, collect: true };
      const handle = await world.start('trackJob', `provider-job/${provider}/${resource}/${id}`, input);
      await expect(handle.result()).rejects.toMatchObject({
        cause: { type: 'InvalidInput', message: expect.stringContaining('soket.batch') as string },
      });
    });

    it('can be collected where a lifecycle ends with its resource, and nowhere else', () => {
      const ends = Object.entries<Provider>(providers).map(
        ([name, { lifecycle }]) => `${name}.${lifecycle?.resource ?? ''}`,
      );
      expect(Object.keys(collects).sort()).toEqual(ends.sort());
    });
  });
});
