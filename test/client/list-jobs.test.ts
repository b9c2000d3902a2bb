import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInputError, type ListedJob, type ListJobsOptions, ProviderJobs } from '../../src/index.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('a list of jobs', () => {
  let world: World;
  let jobs: ProviderJobs;
  beforeAll(async () => {
    world = await startWorld();
    jobs = new ProviderJobs(world.client);
  });
  afterAll(() => world.close());

  const listed = async (options?: ListJobsOptions) => {
    const found: ListedJob[] = [];
    for await (const job of jobs.list(options)) found.push(job);
    return found;
  };

  it('has each job as it stands, those that run first, and only those that the options mean', async () => {
    const source = await world.writeSource('talk.wav', makeWav(10));
    world.simulator.setPlan('tiro', { durationMs: 100 });
    world.simulator.setPlan('slng', { script: [{ status: 'IN_PROGRESS' }] });
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro', options: {} }] }, { key: 'listed' });
    await pipeline.result();
    const running = await jobs.start('slng', { source }, { key: 'runs' });

    const all = await eventually('the list has caught up', async () => {
      const found = await listed();
      return found.length === 3 &&
        found[0]?.phase === 'running' &&
        found[2]?.phase === 'succeeded' &&
        found[1]?.workflowStatus === 'COMPLETED'
        ? found
        : null;
    });
    expect(all).toEqual([
      {
        workflowId: running.workflowId,
        runId: running.runId,
        workflowType: 'slngTranscription',
        provider: 'slng',
        jobId: expect.any(String) as string,
        phase: 'running',
        workflowStatus: 'RUNNING',
        failure: null,
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        closedAt: null,
      },
      expect.objectContaining({ workflowId: pipeline.workflowId, provider: null, jobId: null, phase: null }),
      expect.objectContaining({ workflowId: 'provider-job/tiro/listed.tiro', workflowStatus: 'COMPLETED' }),
    ]);

    const [slng, whole, tiro] = all.map(({ workflowId }) => ({ workflowId }));
    expect(await listed({ running: true })).toMatchObject([slng]);
    expect(await listed({ provider: 'tiro' })).toMatchObject([tiro]);
    expect(await listed({ phase: 'succeeded' })).toMatchObject([tiro]);
    expect(await listed({ failure: 'CredentialRejected' })).toEqual([]);
    expect(await listed({ limit: 2 })).toMatchObject([slng, whole]);
    await running.cancel();
  });

  it('refuses what is no option of it, all at once and before anything is asked', () => {
    const options = { provider: "tiro' OR 'a' = 'a", phase: 'done', limit: 0, since: 1 };
    let thrown: unknown;
    try {
      // As JavaScript may call it.
      jobs.list(options as unknown as ListJobsOptions);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidInputError);
    expect((thrown as InvalidInputError).faults.map(({ field }) => field)).toEqual([
      'provider',
      'phase',
      'limit',
      'since',
    ]);
    expect((thrown as InvalidInputError).message).toContain('expected one of soket, twelvelabs, tiro, slng');
  });
});
