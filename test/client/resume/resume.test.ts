import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ProviderJobs } from '../../../src/index.ts';
import type { Operation } from '../../../src/simulator/operations.ts';
import { beginTiroJob } from '../../setup/tiro-job.ts';
import { eventually } from '../../setup/eventually.ts';
import { startContentServer } from '../../upload/content-server.ts';
import { makeWav } from '../../setup/wav.ts';
import { startWorld, type World } from '../../setup/world.ts';

const longerThanTheDeadlineMs = 4500;

describe('resume', () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({
      simulator: { chunkSizeBytes: 65_536 },
      environment: { PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'true' },
    });
    jobs = new ProviderJobs(world.client);
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const strike = (operation: Operation, status: number) =>
    world.simulator.addFault({ kind: 'status', operation, status, times: null });
  const calls = (operation: Operation) => world.simulator.calls({ operation }).length;
  const outcomeOf = async (workflowId: string) => (await jobs.resume(workflowId)).outcome;

  it('gives the same run to all who ask at once, and later', async () => {
    strike('tiro.create', 422);
    const job = await jobs.start('tiro', { source }, { key: 'at once' });
    await job.result();
    world.simulator.clearFaults();
    const createdBefore = calls('tiro.create');
    const asked = await Promise.all([1, 2, 3, 4].map(() => jobs.resume(job.workflowId)));
    const [runId, ...others] = new Set(asked.map((each) => each.runId));
    expect(runId).not.toBe(job.runId);
    expect(others).toEqual([]);
    const handle = jobs.handle(job.workflowId);
    expect(await handle.result()).toMatchObject({ runId, phase: 'succeeded' });
    expect(calls('tiro.create')).toBe(createdBefore + 1);
    expect(await jobs.resume(job.workflowId)).toMatchObject({ outcome: 'refused', why: 'it has succeeded', runId });
  });

  it(
    'gives a job all of its deadline anew, as often as it is resumed past it, and not more',
    { timeout: 60_000 },
    async () => {
      strike('tiro.status', 503);
      const job = await jobs.start('tiro', { source, deadline: '4s' }, { key: 'late' });
      expect((await job.result()).failure?.type).toBe('DeadlineExceeded');
      for (let times = 1; times <= 2; times += 1) {
        await delay(longerThanTheDeadlineMs);
        const askedBefore = calls('tiro.status');
        const beganAtMs = Date.now();
        expect(await outcomeOf(job.workflowId)).toBe('resumed');
        expect((await jobs.handle(job.workflowId).result()).failure?.type).toBe('DeadlineExceeded');
        expect(Date.now() - beganAtMs).toBeGreaterThanOrEqual(3000);
        expect(calls('tiro.status')).toBeGreaterThan(askedBefore + 1);
      }
      await delay(longerThanTheDeadlineMs);
      world.simulator.clearFaults();
      expect(await outcomeOf(job.workflowId)).toBe('resumed');
      expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
      expect(world.simulator.calls({ operation: 'tiro.create', provider: 'tiro' }).length).toBeGreaterThan(0);
    },
  );

  it('does not submit again what Soket may have taken and cannot be asked for, unless forced', async () => {
    world.simulator.addFault({ kind: 'hold', operation: 'soket.submit' });
    const job = await jobs.start('soket', { source }, { key: 'cut off' });
    const before = calls('soket.submit');
    await eventually('it submits', () => calls('soket.submit') > before);
    await world.client.workflow.getHandle(job.workflowId).terminate();
    world.simulator.clearFaults();
    const refused = await jobs.resume(job.workflowId);
    expect(refused).toMatchObject({ outcome: 'refused', plan: null });
    expect(refused.why).toContain('--force');
    expect(await jobs.resume(job.workflowId, { force: true })).toMatchObject({
      outcome: 'resumed',
      plan: { makes: ['batch'], again: ['batch'] },
    });
    expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
  });

  it('sends only the chunks that are missing to the last session of an upload that was given up', async () => {
    world.simulator.setPlan('twelvelabs', { failedChunks: [{ index: 3, times: 8 }] });
    const job = await jobs.start('twelvelabs', { source }, { key: 'given up' });
    expect((await job.result()).failure?.type).toBe('UploadFailed');
    world.simulator.clearFaults();
    const [sessions, parts] = [calls('twelvelabs.create-session'), calls('twelvelabs.part-put')];
    expect(await jobs.resume(job.workflowId)).toMatchObject({
      outcome: 'resumed',
      plan: { makes: ['missing chunks'] },
    });
    expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
    expect(calls('twelvelabs.create-session')).toBe(sessions);
    expect(calls('twelvelabs.part-put')).toBe(parts + 1);
  });

  it('begins anew with a session where an upload has used up all of its own', async () => {
    world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'failed', afterParts: 2 }, jobs: 3 });
    const job = await jobs.start('twelvelabs', { source }, { key: 'used up' });
    expect((await job.result()).failure?.type).toBe('UploadFailed');
    const sessions = calls('twelvelabs.create-session');
    const plan = { from: 'createTwelveLabsUpload', makes: ['upload session', 'missing chunks'] };
    expect(await jobs.resume(job.workflowId)).toMatchObject({ outcome: 'resumed', plan });
    expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
    expect(calls('twelvelabs.create-session')).toBe(sessions + 1);
  });

  it('goes on after a cancellation that left the job at its provider, and not after one that took it back', async () => {
    strike('tiro.status', 503);
    strike('soket.upload-status', 503);
    const [tiro, soket] = [
      await jobs.start('tiro', { source }, { key: 'cancelled' }),
      await jobs.start('soket', { source }, { key: 'cancelled' }),
    ];
    for (const job of [tiro, soket]) {
      await eventually('it waits', async () => (await job.snapshot()).pendingActivity === 'fetchJobStatus');
      await job.cancel();
      await job.result();
    }
    world.simulator.clearFaults();
    const created = calls('tiro.create');
    expect(await jobs.resume(tiro.workflowId)).toMatchObject({ outcome: 'resumed', plan: { makes: [] } });
    expect(await jobs.handle(tiro.workflowId).result()).toMatchObject({ phase: 'succeeded' });
    expect(calls('tiro.create')).toBe(created);
    const refused = await jobs.resume(soket.workflowId);
    expect(refused.outcome).toBe('refused');
    expect(refused.why).toContain('taken back');
  });

  it.each(['wait', 'collect'])('lets a track go on that failed in its %s', async (stage) => {
    const id = await beginTiroJob(world.simulator);
    strike(stage === 'wait' ? 'tiro.status' : 'tiro.transcript', 422);
    const track = await jobs.track('tiro.voice-file-job', id, { collect: true });
    expect((await track.result()).failure?.type).toBe('RequestRejected');
    world.simulator.clearFaults();
    expect(await jobs.resume(track.workflowId)).toMatchObject({ outcome: 'resumed', plan: { makes: [], again: [] } });
    expect(await jobs.handle(track.workflowId).result()).toMatchObject({ phase: 'succeeded' });
  });

  it('says why it refuses: running, unknown, not valid, ended by the provider', async () => {
    expect(await jobs.resume('provider-job/tiro/nobody')).toMatchObject({ outcome: 'refused', runId: null });
    const invalid = await world.client.workflow.start('tiroTranscription', {
      workflowId: 'provider-job/tiro/invalid',
      taskQueue: 'provider-jobs',
      args: [{ source: 5 }],
    });
    await invalid.result().catch(() => undefined);
    expect((await jobs.resume('provider-job/tiro/invalid')).why).toContain('not valid');
    world.simulator.setPlan('tiro', { outcome: 'failed', durationMs: 100 });
    const job = await jobs.start('tiro', { source }, { key: 'failed there' });
    expect(await job.result()).toMatchObject({ phase: 'failed', failure: null });
    expect((await jobs.resume(job.workflowId)).why).toContain('--failed-at-provider');
    expect(await jobs.resume(job.workflowId, { failedAtProvider: true, dryRun: true })).toMatchObject({
      outcome: 'restartable',
    });
    expect(await jobs.resume(job.workflowId, { failedAtProvider: true })).toMatchObject({ outcome: 'restarted' });
    expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
    expect(() => jobs.handle('media-pipeline/x')).toThrow();
  });

  it('refuses one that is being cancelled, until it has ended', async () => {
    strike('soket.upload-status', 503);
    strike('soket.delete-files', 503);
    const before = calls('soket.upload-status');
    const job = await jobs.start('soket', { source: [source] }, { key: 'ends' });
    await eventually('it waits for the upload', () => calls('soket.upload-status') > before);
    await world.client.workflow.getHandle(job.workflowId).cancel();
    expect(await jobs.resume(job.workflowId)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('it is being cancelled') as string,
    });
    await world.client.workflow.getHandle(job.workflowId).terminate();
  });

  it('resumes a child of a parent that Temporal has forgotten', async () => {
    strike('tiro.create', 422);
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'forgotten' });
    await pipeline.result();
    world.simulator.clearFaults();
    const { workflowId } = pipeline;
    const forgetful = new Client({
      ...{ connection: world.client.connection, namespace: world.namespace },
      interceptors: {
        workflow: [
          {
            describe: (input, next) =>
              input.workflowExecution.workflowId === workflowId
                ? Promise.reject(new WorkflowNotFoundError('not found', workflowId, undefined))
                : next(input),
          },
        ],
      },
    });
    const id = workflowId.replace('media-pipeline/', 'provider-job/tiro/') + '.tiro';
    expect(await new ProviderJobs(forgetful).resume(id)).toMatchObject({ outcome: 'resumed', plan: { warnings: [] } });
    expect(await jobs.handle(id).result()).toMatchObject({ phase: 'succeeded' });
  });

  it('starts anew by filter those that their provider ended as failed, where that is wanted', async () => {
    world.simulator.setPlan('slng', { outcome: 'failed', durationMs: 100 });
    const since = new Date();
    const job = await jobs.start('slng', { source }, { key: 'failed by its provider' });
    expect(await job.result()).toMatchObject({ phase: 'failed' });
    const query = `WorkflowId = '${job.workflowId}' AND ProviderJobPhase = 'failed' AND ExecutionStatus = 'Completed'`;
    await eventually('it is listed', async () => (await world.client.workflow.count(query)).count === 1);
    const resumed = async (failedAtProvider: boolean) => {
      const told: string[] = [];
      const options = { failedAtProvider };
      for await (const { workflowId, outcome } of jobs.resumeAll({ provider: 'slng', since }, options)) {
        told.push(`${workflowId} ${outcome}`);
      }
      return told;
    };
    expect(await resumed(false)).toEqual([]);
    world.simulator.setPlan('slng', { outcome: 'failed', durationMs: 100 });
    const steps = [{ provider: 'slng' as const }, { provider: 'tiro' as const }];
    const pipeline = await jobs.pipeline({ source, steps, strategy: 'first-success' }, { key: 'done without' });
    const { succeeded, jobs: told } = await pipeline.result();
    expect([succeeded, told[0]?.phase]).toEqual([true, 'failed']);
    const isStep = `WorkflowId = '${told[0]?.workflowId ?? ''}' AND ProviderJobPhase = 'failed' AND ExecutionStatus = 'Completed'`;
    await eventually('its step is listed', async () => (await world.client.workflow.count(isStep)).count === 1);
    expect(await resumed(true)).toEqual([`${job.workflowId} restarted`]);
    expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
  });

  it('resumes by provider and failure, and marks failures to be found by', async () => {
    strike('slng.create', 422);
    strike('tiro.create', 422);
    const keys = ['many-1', 'many-2', 'many-3'];
    const started = await Promise.all(keys.map((key) => jobs.start('slng', { source }, { key })));
    const other = await jobs.start('tiro', { source }, { key: 'many-other' });
    await Promise.all([...started, other].map((job) => job.result()));
    world.simulator.clearFaults();
    const filter = { provider: 'slng', failure: 'RequestRejected' } as const;
    const query = "ProviderName = 'slng' AND ProviderJobFailure = 'RequestRejected' AND ExecutionStatus = 'Failed'";
    await eventually('they are listed', async () => (await world.client.workflow.count(query)).count >= 3);
    const ids: string[] = [];
    for await (const { workflowId, outcome } of jobs.resumeAll(filter)) if (outcome === 'resumed') ids.push(workflowId);
    expect(ids.sort()).toEqual(started.map(({ workflowId }) => workflowId).sort());
    for (const id of ids) expect(await jobs.handle(id).result()).toMatchObject({ phase: 'succeeded' });
    expect((await jobs.handle(other.workflowId).result()).failure).not.toBeNull();
  });

  describe('while somebody else acts on the job', () => {
    /** A client that waits, once it has looked at a history for its plan, until it is let go. */
    async function hesitantClient() {
      const connection = await Connection.connect({ address: world.environment['TEMPORAL_ADDRESS'] ?? '' });
      const service = connection.workflowService;
      const fetchHistory = service.getWorkflowExecutionHistory.bind(service);
      let letGo: () => void = () => undefined;
      const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
      let looked: () => void = () => undefined;
      const hasLooked = new Promise<void>((resolve) => (looked = resolve));
      service.getWorkflowExecutionHistory = (async (...request: Parameters<typeof fetchHistory>) => {
        const history = await fetchHistory(...request);
        looked();
        await isLetGo;
        return history;
      }) as typeof fetchHistory;
      const client = new Client({ connection, namespace: world.namespace });
      return { jobs: new ProviderJobs(client), hasLooked, letGo, close: () => connection.close() };
    }

    it('leaves alone a run that was started meanwhile', async () => {
      strike('tiro.create', 422);
      const job = await jobs.start('tiro', { source }, { key: 'meanwhile' });
      await job.result();
      world.simulator.clearFaults();
      const created = calls('tiro.create');
      const hesitant = await hesitantClient();
      const resuming = hesitant.jobs.resume(job.workflowId);
      await hesitant.hasLooked;
      const started = await jobs.start('tiro', { source }, { key: 'meanwhile' });
      expect(await started.result()).toMatchObject({ phase: 'succeeded' });
      hesitant.letGo();
      expect(await resuming).toMatchObject({ outcome: 'refused', why: 'it has succeeded', runId: started.runId });
      expect(calls('tiro.create')).toBe(created + 1);
      await hesitant.close();
    });

    it('starts a job anew once that its provider failed, however many judged so', async () => {
      world.simulator.setPlan('tiro', { outcome: 'failed', durationMs: 100 });
      const job = await jobs.start('tiro', { source }, { key: 'judged' });
      expect(await job.result()).toMatchObject({ phase: 'failed' });
      const created = calls('tiro.create');
      const hesitant = await hesitantClient();
      const late = hesitant.jobs.resume(job.workflowId, { failedAtProvider: true });
      await hesitant.hasLooked;
      const { runId } = await jobs.resume(job.workflowId, { failedAtProvider: true });
      expect(await jobs.handle(job.workflowId).result()).toMatchObject({ phase: 'succeeded' });
      hesitant.letGo();
      expect((await late).runId).toBe(runId);
      expect(calls('tiro.create')).toBe(created + 1);
      await hesitant.close();
    });
  });

  it('says nothing of an upload that a job has done without', async () => {
    // The certificate of the content server is its own.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const server = await startContentServer({ content: makeWav(60), mediaType: 'audio/wav', etag: '"one"' });
    strike('slng.status', 422);
    const job = await jobs.start(
      'slng',
      { source: `${server.origin}/talk.wav`, sendAs: 'address' },
      { key: 'by address' },
    );
    expect((await job.result()).failure?.type).toBe('RequestRejected');
    expect(await jobs.resume(job.workflowId, { dryRun: true })).toMatchObject({
      outcome: 'resumable',
      plan: { makes: [] },
    });
    await server.close();
    vi.unstubAllEnvs();
  });

  it.each(['', 'x/y', 'media-pipeline/x'])('refuses "%s" as the id of a job', async (id) => {
    expect(await jobs.resume(id)).toMatchObject({ outcome: 'refused', runId: null, plan: null });
  });
});
