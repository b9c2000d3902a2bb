import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('a priority', () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ environment: { TIRO_API_KEY__ACME: 'tiro-acme.0123456789abcdef' } });
    jobs = new ProviderJobs(world.client);
    source = await world.writeSource('talk.wav', makeWav(30));
  });
  afterAll(() => world.close());

  const prioritiesOf = async (workflowId: string) => {
    const { raw } = await world.client.workflow.getHandle(workflowId).describe();
    const own = raw.workflowExecutionInfo?.priority?.priorityKey;
    return [own, ...(raw.pendingActivities ?? []).map(({ priority }) => priority?.priorityKey)];
  };

  it('is that of the job and of all that it does, whatever key it uses', async () => {
    world.simulator.addFault({ kind: 'hold', operation: 'tiro.create', times: null });
    world.simulator.addFault({ kind: 'hold', operation: 'slng.presign', times: null });
    const started = [
      await jobs.start('slng', { source }, { key: 'urgent', priority: 1 }),
      await jobs.start('tiro', { source, credential: 'acme' }, { key: 'urgent', priority: 2 }),
    ];
    for (const [index, { workflowId }] of started.entries()) {
      // Between two activities there is none.
      const seen = await eventually(`${workflowId} has an activity`, async () => {
        const priorities = await prioritiesOf(workflowId);
        return priorities.length === 2 ? priorities : null;
      });
      expect(seen).toEqual([index + 1, index + 1]);
    }
    world.simulator.clearFaults();
  });

  it('stays with a job that is started anew since its provider failed', async () => {
    world.simulator.setPlan('tiro', { outcome: 'failed', durationMs: 100 });
    const job = await jobs.start('tiro', { source }, { key: 'failed there', priority: 1 });
    expect(await job.result()).toMatchObject({ phase: 'failed' });
    expect(await jobs.resume(job.workflowId, { failedAtProvider: true })).toMatchObject({ outcome: 'restarted' });
    expect((await prioritiesOf(job.workflowId))[0]).toBe(1);
  });

  it('of a pipeline is that of its jobs', async () => {
    const pipeline = { source, steps: [{ provider: 'slng' as const, options: {} }] };
    await jobs.pipeline(pipeline, { key: 'urgent', priority: 5 });
    const child = 'provider-job/slng/urgent.slng';
    await eventually('the step runs', async () => {
      return (await prioritiesOf(child).catch(() => []))[0] === 5;
    });
  });
});
