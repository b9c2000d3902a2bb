import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MediaPipelineInput, ProviderJobs } from '../../../src/index.ts';
import type { Operation } from '../../../src/simulator/operations.ts';
import { isBeingCancelled } from '../../../src/client/run-end.ts';
import { eventually } from '../../setup/eventually.ts';
import { makeWav } from '../../setup/wav.ts';
import { startWorld, type World } from '../../setup/world.ts';

const creates: Record<string, Operation> = {
  soket: 'soket.upload',
  twelvelabs: 'twelvelabs.create-session',
  tiro: 'tiro.create',
  slng: 'slng.create',
};
const allFour: MediaPipelineInput['steps'] = [
  { provider: 'soket' },
  { provider: 'twelvelabs' },
  { provider: 'tiro' },
  { provider: 'slng' },
];

describe('a pipeline that is run again', () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  beforeAll(async () => {
    world = await startWorld();
    jobs = new ProviderJobs(world.client);
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const made = () =>
    Object.fromEntries(
      Object.entries(creates).map(([name, operation]) => [name, world.simulator.calls({ operation }).length]),
    );
  const refuse = (operation: Operation) => {
    world.simulator.addFault({ kind: 'status', operation, status: 422, times: null });
  };

  const keepWaiting = (operation: Operation) => {
    world.simulator.addFault({ kind: 'status', operation, status: 503, times: null });
  };

  it('calls only the providers whose steps failed, and is refused once it has succeeded', async () => {
    refuse('tiro.create');
    refuse('slng.status');
    const pipeline = await jobs.pipeline({ source, steps: allFour }, { key: 'four' });
    expect(await pipeline.result()).toMatchObject({ succeeded: false });
    world.simulator.clearFaults();
    const before = made();
    const callsBefore = Object.fromEntries(
      (['soket', 'twelvelabs'] as const).map((provider) => [provider, world.simulator.calls({ provider }).length]),
    );

    const said = await jobs.again(pipeline.workflowId, { dryRun: true });
    expect(said.outcome).toBe('startable');
    expect(said.steps.map(({ does }) => does)).toEqual(['take', 'take', 'resume', 'resume']);
    expect(said.steps.map(({ plan }) => plan?.makes ?? null)).toEqual([null, null, ['voice-file job'], []]);
    const again = await jobs.again(pipeline.workflowId);
    expect(again).toMatchObject({ outcome: 'started' });
    expect(again.runId).not.toBe(pipeline.runId);
    const result = await jobs.pipelineHandle(pipeline.workflowId).result();
    expect(result).toMatchObject({ runId: again.runId, succeeded: true });
    expect(result.jobs.map(({ phase }) => phase)).toEqual(Array(4).fill('succeeded'));
    expect(result.jobs.every(({ artifacts }) => artifacts.length > 0)).toBe(true);
    expect(made()).toEqual({ ...before, tiro: (before['tiro'] ?? 0) + 1 });
    for (const provider of ['soket', 'twelvelabs'] as const) {
      expect(world.simulator.calls({ provider }).length).toBe(callsBefore[provider]);
    }

    expect(await jobs.again(pipeline.workflowId)).toMatchObject({ outcome: 'refused', why: 'it has succeeded' });
    const joined = await jobs.pipeline({ source, steps: allFour }, { key: 'four', again: true });
    expect(joined.runId).toBe(again.runId);
  });

  it('is found by its failure until then', async () => {
    refuse('tiro.create');
    const { workflowId } = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'found' });
    await jobs.pipelineHandle(workflowId).result();
    const query = `WorkflowId = '${workflowId}' AND ProviderJobFailure = 'StepsFailed'`;
    await eventually('it is listed', async () => (await world.client.workflow.count(query)).count === 1);
  });

  it('leaves what its provider reported as failed, unless asked to start that anew', async () => {
    world.simulator.setPlan('tiro', { durationMs: 100, outcome: 'failed', message: 'no speech' });
    const { workflowId } = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'at-provider' });
    await jobs.pipelineHandle(workflowId).result();
    const refused = await jobs.again(workflowId);
    expect(refused).toMatchObject({ outcome: 'refused', steps: [{ does: 'keep' }] });
    expect(refused.why).toContain('--failed-at-provider');
    expect(await jobs.again(workflowId, { failedAtProvider: true })).toMatchObject({
      outcome: 'started',
      steps: [{ does: 'restart' }],
    });
    expect(await jobs.pipelineHandle(workflowId).result()).toMatchObject({ succeeded: true });
  });

  it('lets what ran win with first-success, before it pays for what failed', async () => {
    refuse('tiro.create');
    keepWaiting('slng.status');
    const steps: MediaPipelineInput['steps'] = [{ provider: 'tiro' }, { provider: 'slng' }];
    const input: MediaPipelineInput = { source, strategy: 'first-success', steps };
    const { workflowId } = await jobs.pipeline(input, { key: 'ordered' });
    const slng = world.client.workflow.getHandle('provider-job/slng/ordered.slng');
    // One that has done nothing yet has no point to go on from.
    await eventually('the second waits', async () => {
      const { raw } = (await slng.describe().catch(() => null)) ?? {};
      return raw?.pendingActivities?.some(({ activityType }) => activityType?.name === 'fetchJobStatus');
    });
    await slng.terminate();
    await jobs.pipelineHandle(workflowId).result();
    world.simulator.clearFaults();
    await jobs.resume('provider-job/slng/ordered.slng');
    const tiroBefore = made()['tiro'];
    await jobs.again(workflowId);
    const result = await jobs.pipelineHandle(workflowId).result();
    expect(result).toMatchObject({ succeeded: true });
    expect(made()['tiro']).toBe(tiroBefore);
    expect(result.jobs[0]?.failure?.type).toBe('NotStarted');
  });

  it('takes the winner of a race and starts nobody', async () => {
    keepWaiting('slng.status');
    const steps: MediaPipelineInput['steps'] = [{ provider: 'tiro' }, { provider: 'slng' }];
    const { workflowId } = await jobs.pipeline({ source, strategy: 'race', steps }, { key: 'raced' });
    await jobs.pipelineHandle(workflowId).result();
    expect(await jobs.again(workflowId)).toMatchObject({ outcome: 'refused', why: 'it has succeeded' });
  });

  it('recovers after it was terminated, with the jobs that went on', async () => {
    keepWaiting('tiro.status');
    const { workflowId } = await jobs.pipeline({ source, steps: allFour }, { key: 'terminated' });
    await eventually('all of them are made', async () => {
      const found = await Promise.all(
        allFour.map(({ provider }) =>
          world.client.workflow
            .getHandle(`provider-job/${provider}/terminated.${provider}`)
            .describe()
            .catch(() => null),
        ),
      );
      return found.every((each) => each !== null);
    });
    await world.client.workflow.getHandle(workflowId).terminate();
    world.simulator.clearFaults();
    const { workflowId: same, runId } = await jobs.pipeline({ source, steps: allFour }, { key: 'terminated' });
    const result = await jobs.pipelineHandle(same).result();
    expect(result).toMatchObject({ runId, succeeded: true });
  });

  it('leaves alone what may be paid for twice, and goes on with it once that was forced', async () => {
    world.simulator.addFault({ kind: 'hold', operation: 'soket.submit' });
    const submits = () => world.simulator.calls({ operation: 'soket.submit' }).length;
    const before = submits();
    const input: MediaPipelineInput = { source, steps: [{ provider: 'soket' }] };
    const { workflowId } = await jobs.pipeline(input, { key: 'cut-off' });
    await eventually('it submits', () => submits() > before);
    const job = 'provider-job/soket/cut-off.soket';
    await world.client.workflow.getHandle(job).terminate();
    expect(await jobs.pipelineHandle(workflowId).result()).toMatchObject({ succeeded: false });
    world.simulator.clearFaults();
    const refused = await jobs.again(workflowId);
    expect(refused).toMatchObject({ outcome: 'refused', steps: [{ does: 'keep' }] });
    expect(refused.why).toContain(`resume ${job} --force`);
    const byKey = await jobs.pipeline(input, { key: 'cut-off', again: true });
    expect(await byKey.result()).toMatchObject({ jobs: [{ failure: { type: 'SubmitUnconfirmed' } }] });
    expect(submits()).toBe(before + 1);
    expect(await jobs.resume(job, { force: true })).toMatchObject({ outcome: 'resumed' });
    expect(await jobs.handle(job).result()).toMatchObject({ phase: 'succeeded' });
    expect(await jobs.again(workflowId)).toMatchObject({ outcome: 'started', steps: [{ does: 'take' }] });
    expect(await jobs.pipelineHandle(workflowId).result()).toMatchObject({ succeeded: true });
    expect(submits()).toBe(before + 2);
  });

  it('takes no notice of an earlier run for the end of a step', async () => {
    keepWaiting('slng.status');
    const steps: MediaPipelineInput['steps'] = [{ provider: 'slng' }, { provider: 'tiro' }];
    const input: MediaPipelineInput = { source, strategy: 'first-success', steps };
    const { workflowId } = await jobs.pipeline(input, { key: 'late-notice' });
    const slng = world.client.workflow.getHandle('provider-job/slng/late-notice.slng');
    const waitsFor = async (name: string) => {
      const { raw } = (await slng.describe().catch(() => null)) ?? {};
      return raw?.pendingActivities?.some(({ activityType }) => activityType?.name === name);
    };
    await eventually('it waits', () => waitsFor('fetchJobStatus'));
    await world.client.workflow.getHandle(workflowId).terminate();
    // It looks at SLNG what became of its job, which is down.
    await eventually('it tidies up', async () => isBeingCancelled(await slng.describe()));
    const tiroBefore = made()['tiro'];
    const again = await jobs.pipeline(input, { key: 'late-notice' });
    await eventually('it looks at the step', async () => {
      const { raw } = await world.client.workflow.getHandle(again.workflowId, again.runId ?? '').describe();
      return (raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'lookAtJob')?.attempt ?? 0) > 1;
    });
    world.simulator.clearFaults();
    expect(await again.result()).toMatchObject({ succeeded: true, jobs: [{ phase: 'succeeded' }, {}] });
    expect(made()['tiro']).toBe(tiroBefore);
  });

  it('shows the runs that go on to whoever watches, and not those that failed', async () => {
    refuse('tiro.create');
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'watched' });
    await pipeline.result();
    world.simulator.clearFaults();
    keepWaiting('tiro.status');
    const again = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'watched', again: true });
    let last: string | null | undefined = null;
    for await (const { jobs: steps } of again.watch()) {
      last = steps[0]?.snapshot?.workflowStatus;
      if (last === 'RUNNING') world.simulator.clearFaults();
    }
    expect(last).toBe('COMPLETED');
  });

  it('runs one again whose steps were written with null for what they have not', async () => {
    refuse('tiro.create');
    const workflowId = 'media-pipeline/nulls';
    const handle = await world.client.workflow.start('mediaPipeline', {
      ...{ workflowId, taskQueue: 'provider-jobs' },
      args: [{ source, strategy: null, steps: [{ provider: 'tiro', options: { deadline: null, credential: null } }] }],
    });
    expect(await handle.result()).toMatchObject({ succeeded: false });
    world.simulator.clearFaults();
    expect(await jobs.again(workflowId)).toMatchObject({ outcome: 'started', steps: [{ does: 'resume' }] });
    expect(await jobs.pipelineHandle(workflowId).result()).toMatchObject({ succeeded: true });
  });

  it('tells its end to the workflows in notify', async () => {
    const receiver = await world.client.workflow.start('trackJob', {
      taskQueue: 'nobody-serves-it',
      workflowId: 'receiver',
      args: [{}],
    });
    const { workflowId } = await jobs.pipeline(
      { source, steps: [{ provider: 'tiro' }], notify: ['receiver'] },
      { key: 'told' },
    );
    await jobs.pipelineHandle(workflowId).result();
    const { events } = await receiver.fetchHistory();
    const names = events?.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? []);
    expect(names).toEqual(['jobFinished', 'pipelineFinished']);
    await receiver.terminate();
  });

  it('hears while it is open of a job that failed and was resumed by hand', async () => {
    refuse('tiro.create');
    keepWaiting('slng.status');
    const steps: MediaPipelineInput['steps'] = [{ provider: 'tiro' }, { provider: 'slng' }];
    const { workflowId } = await jobs.pipeline({ source, steps }, { key: 'open' });
    const tiro = jobs.handle('provider-job/tiro/open.tiro');
    await eventually('it has failed', async () => {
      const described = await world.client.workflow
        .getHandle(tiro.workflowId)
        .describe()
        .catch(() => null);
      return described?.status.name === 'FAILED';
    });
    world.simulator.clearFaults();
    keepWaiting('slng.status');
    const { runId, plan } = await jobs.resume(tiro.workflowId);
    expect(plan?.warnings.join()).toContain(workflowId);
    expect(await tiro.result()).toMatchObject({ phase: 'succeeded' });
    world.simulator.clearFaults();
    const result = await jobs.pipelineHandle(workflowId).result();
    expect(result).toMatchObject({ succeeded: true, jobs: [{ step: 'tiro', runId, phase: 'succeeded' }, {}] });
  });

  it('is refused with the reason where it is no pipeline, or its input is not valid', async () => {
    for (const id of ['', 'provider-job/tiro/x', 'media-pipeline/nobody']) {
      expect(await jobs.again(id)).toMatchObject({ outcome: 'refused', runId: null, steps: [] });
    }
    const wrong = await world.client.workflow.start('mediaPipeline', {
      taskQueue: 'provider-jobs',
      workflowId: 'media-pipeline/wrong',
      args: [{ source, steps: [{ provider: 'tiro', options: { translationLocales: 5 } }] }],
    });
    expect(await wrong.result()).toMatchObject({ succeeded: false });
    for (const dryRun of [true, false]) {
      const refused = await jobs.again('media-pipeline/wrong', { dryRun });
      expect(refused.outcome).toBe('refused');
      expect(refused.why).toContain('not valid');
    }
  });
});
