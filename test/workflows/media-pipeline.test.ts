import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobNotice } from '../../src/contract/job.ts';
import { jobResultOf } from '../../src/contract/job-result.ts';
import type { MediaPipelineInput, PipelineOutcome } from '../../src/contract/pipeline.ts';
import { eventually } from '../setup/eventually.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const forEver = 600_000_000;

describe('mediaPipeline', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld();
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const run = (key: string, input: Omit<MediaPipelineInput, 'source'>) =>
    world.start('mediaPipeline', `media-pipeline/${key}`, { source, ...input });
  const outcomeOf = async (handle: WorkflowHandle) => (await handle.result()) as PipelineOutcome;
  const child = (provider: string, key: string) => world.client.workflow.getHandle(`provider-job/${provider}/${key}`);
  const tiroPlan = (plan: object) => {
    world.simulator.setPlan('tiro', { durationMs: 100, ...plan });
  };
  const slngPlan = (plan: object) => {
    world.simulator.setPlan('slng', { durationMs: 100, ...plan });
  };
  const isRunning = (provider: string, key: string) =>
    eventually(`${provider} of ${key} has a job`, async () => {
      const described = await child(provider, key)
        .describe()
        .catch(() => null);
      return described?.raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'fetchJobStatus');
    });
  const heard = async (handle: WorkflowHandle) =>
    (await handle.fetchHistory()).events?.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal)
      .length;
  const heardOf = async (handle: WorkflowHandle, workflowId: string) =>
    ((await handle.fetchHistory()).events ?? [])
      .flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.input?.payloads ?? [])
      .map((payload) => defaultPayloadConverter.fromPayload<JobNotice>(payload))
      .filter((notice) => notice.workflowId === workflowId)
      .map(({ failure, phase }) => failure?.type ?? phase);
  const noticeOf = async (provider: 'tiro' | 'slng', key: string): Promise<JobNotice> => {
    const { workflowId, runId } = await child(provider, key).describe();
    const known = { resource: 'x', jobId: 'x', phase: 'succeeded' } as const;
    return { ...jobResultOf({ workflowId, runId, provider }, known), at: new Date().toISOString() };
  };

  it('runs every step with strategy all and reports each', async () => {
    tiroPlan({});
    slngPlan({ outcome: 'failed', message: 'no speech' });
    const handle = await run('all', { steps: [{ provider: 'tiro' }, { provider: 'slng' }] });
    const outcome = await outcomeOf(handle);
    expect(outcome).toMatchObject({ strategy: 'all', succeeded: false });
    expect(outcome.jobs).toMatchObject([
      { step: 'tiro', resource: 'tiro.voice-file-job', phase: 'succeeded', failure: null },
      { step: 'slng', resource: 'slng.batch-job', phase: 'failed', failure: null },
    ]);
    await expectOwnResults(outcome.jobs[0]?.artifacts ?? [], source);
    expect(await heard(handle)).toBe(2);
  });

  it('tries the steps in order with first-success and starts none after the first success', async () => {
    tiroPlan({ outcome: 'failed' });
    slngPlan({});
    const steps: MediaPipelineInput['steps'] = [
      { provider: 'tiro' },
      { provider: 'slng' },
      { provider: 'tiro', name: 'again' },
    ];
    const outcome = await outcomeOf(await run('first', { strategy: 'first-success', steps }));
    expect(outcome.succeeded).toBe(true);
    expect(outcome.jobs.map(({ phase }) => phase)).toEqual(['failed', 'succeeded', null]);
    expect(outcome.jobs[2]).toMatchObject({ step: 'again', runId: null, failure: { type: 'NotStarted' } });
  });

  it('lets the first success win a race and cancels the rest', async () => {
    tiroPlan({ durationMs: forEver });
    slngPlan({});
    const steps: MediaPipelineInput['steps'] = [{ provider: 'tiro' }, { provider: 'slng' }];
    const outcome = await outcomeOf(await run('race', { strategy: 'race', steps }));
    expect(outcome).toMatchObject({
      succeeded: true,
      jobs: [{ failure: { type: 'Cancelled' } }, { phase: 'succeeded' }],
    });
    expect(outcome.jobs[0]?.runId).toEqual(expect.any(String));
    await expect(child('tiro', 'race.tiro').result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });

  it('closes a race with its winner and leaves the loser to tidy up, and to tell of it, by itself', async () => {
    tiroPlan({ durationMs: forEver });
    const waiting = await run('hears', { steps: [{ provider: 'tiro' }] });
    await isRunning('tiro', 'hears.tiro');
    slngPlan({ durationMs: forEver });
    const steps: MediaPipelineInput['steps'] = [{ provider: 'slng' }, { provider: 'tiro', name: 'quick' }];
    const notify = ['media-pipeline/hears'];
    world.simulator.addFault({ kind: 'hold', operation: 'slng.status', times: null, skip: 1 });
    world.simulator.addFault({ kind: 'hold', operation: 'slng.delete', times: null });
    tiroPlan({});
    const looks = () => world.simulator.calls({ operation: 'slng.status' }).length;
    const before = looks();
    const quick = world.simulator.addFault({ kind: 'hold', operation: 'tiro.create' });
    const race = await run('let-go', { strategy: 'race', steps, notify });
    await eventually('the loser is looked at', () => looks() > before);
    world.simulator.release(quick);
    const outcome = await outcomeOf(race);
    expect(outcome).toMatchObject({
      succeeded: true,
      jobs: [{ failure: { type: 'Cancelled' } }, { phase: 'succeeded' }],
    });
    const loser = child('slng', 'let-go.slng');
    expect(outcome.jobs[0]).toMatchObject({ runId: (await loser.describe()).runId, cleanup: null });
    expect((await loser.describe()).status.name).toBe('RUNNING');
    expect(await heardOf(waiting, loser.workflowId)).toEqual([]);
    world.simulator.clearFaults();
    await expect(loser.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const { memo } = await loser.describe();
    expect(memo?.['cleanup']).toEqual(expect.stringMatching(/^(cancelled|already-finished|not-supported)$/));
    // A signal that meets a workflow task under way stands in the history when that task is done.
    await eventually('the loser told', async () => (await heardOf(waiting, loser.workflowId)).length > 0);
    expect(await heardOf(waiting, loser.workflowId)).toEqual(['Cancelled']);
    const { events } = await loser.fetchHistory();
    const cancels = events?.filter((event) => event.workflowExecutionCancelRequestedEventAttributes);
    expect(cancels).toHaveLength(1);
    await waiting.terminate('a test');
  });

  it('counts a job once when its notice comes twice, before the result', async () => {
    tiroPlan({ durationMs: forEver });
    slngPlan({ durationMs: forEver });
    const handle = await run('twice', { strategy: 'race', steps: [{ provider: 'tiro' }, { provider: 'slng' }] });
    await isRunning('tiro', 'twice.tiro');
    await isRunning('slng', 'twice.slng');
    const notice = await noticeOf('slng', 'twice.slng');
    await handle.signal('jobFinished', { ...notice, phase: 'failed' });
    await handle.signal('jobFinished', { ...notice, phase: 'succeeded' });
    // The first word counts; a race in which nobody won yet goes on.
    expect((await child('tiro', 'twice.tiro').describe()).status.name).toBe('RUNNING');
    await child('slng', 'twice.slng').cancel();
    await child('tiro', 'twice.tiro').cancel();
    expect(await outcomeOf(handle)).toMatchObject({ succeeded: false });
  });

  it('closes only after the result of a child whose notice it has', async () => {
    tiroPlan({ durationMs: forEver });
    const handle = await run('early', { steps: [{ provider: 'tiro' }] });
    await isRunning('tiro', 'early.tiro');
    await handle.signal('jobFinished', await noticeOf('tiro', 'early.tiro'));
    await eventually('the notice was taken in', async () => ((await heard(handle)) ?? 0) > 0);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await child('tiro', 'early.tiro').terminate('a test');
    expect(await outcomeOf(handle)).toMatchObject({ succeeded: false, jobs: [{ failure: { type: 'Terminated' } }] });
  });

  it('ignores the notice of a stranger', async () => {
    tiroPlan({ durationMs: forEver });
    const handle = await run('stranger', { strategy: 'race', steps: [{ provider: 'tiro' }] });
    await isRunning('tiro', 'stranger.tiro');
    const notice = await noticeOf('tiro', 'stranger.tiro');
    await handle.signal('jobFinished', { ...notice, runId: 'another-run' });
    await handle.signal('jobFinished', { ...notice, workflowId: 'provider-job/tiro/somebody-else' });
    await child('tiro', 'stranger.tiro').terminate('a test');
    expect(await outcomeOf(handle)).toMatchObject({ succeeded: false, jobs: [{ failure: { type: 'Terminated' } }] });
  });

  it('ends a step as KeyInUse where its key is taken with other input, naming what differs', async () => {
    tiroPlan({});
    const other = await world.writeSource('other.wav', makeWav(30));
    await (await world.start('tiroTranscription', 'provider-job/tiro/taken.tiro', { source: other })).result();
    const outcome = await outcomeOf(await run('taken', { steps: [{ provider: 'tiro' }] }));
    expect(outcome.jobs[0]).toMatchObject({ failure: { type: 'KeyInUse' } });
    expect(outcome.jobs[0]?.failure?.message).toContain('provider-job/tiro/taken.tiro');
    expect(outcome.jobs[0]?.failure?.message).toContain('source');
  });

  it('joins a job that has the key of a step and the same input, running or ended', async () => {
    tiroPlan({ durationMs: 30_000 });
    slngPlan({});
    await (await world.start('slngTranscription', 'provider-job/slng/joins.slng', { source })).result();
    await world.start('tiroTranscription', 'provider-job/tiro/joins.tiro', { source });
    const jobsBefore = [world.simulator.jobs('tiro').length, world.simulator.jobs('slng').length];
    const outcome = await outcomeOf(await run('joins', { steps: [{ provider: 'tiro' }, { provider: 'slng' }] }));
    expect(outcome).toMatchObject({ succeeded: true, jobs: [{ phase: 'succeeded' }, { phase: 'succeeded' }] });
    const created = [world.simulator.jobs('tiro').length, world.simulator.jobs('slng').length];
    expect(created[1]).toBe(jobsBefore[1]);
    expect(created[0]).toBeLessThanOrEqual((jobsBefore[0] ?? 0) + 1);
  });

  it('cancels its children and waits until they have tidied up', async () => {
    tiroPlan({ durationMs: forEver });
    const handle = await run('stop', { steps: [{ provider: 'tiro' }] });
    await isRunning('tiro', 'stop.tiro');
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(/cancel/i);
    expect((await child('tiro', 'stop.tiro').describe()).status.name).toBe('CANCELLED');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });

  it('reports a failure of a step with what its job knew', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 404, times: null });
    tiroPlan({ durationMs: forEver });
    const outcome = await outcomeOf(await run('lost', { steps: [{ provider: 'tiro' }] }));
    expect(outcome.jobs[0]).toMatchObject({ failure: { type: 'JobNotFound' } });
    expect(outcome.jobs[0]?.statusCalls).toBeGreaterThanOrEqual(3);
    expect(outcome.jobs[0]?.jobId).not.toBeNull();
  });

  it('refuses two steps of one name before anything is started', async () => {
    const handle = await run('same', { steps: [{ provider: 'tiro' }, { provider: 'tiro' }] });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  });

  it('leaves a finished job alone when the workflow to notify is gone', async () => {
    tiroPlan({});
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/gone', {
      source,
      notify: ['nobody-here'],
    });
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
  });
});
