import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { startWorld, type World } from '../setup/world.ts';

const forEver = { script: [{ status: 'PROCESSING' }] };

describe('a live snapshot', () => {
  let world: World;
  let jobs: ProviderJobs;
  beforeAll(async () => {
    world = await startWorld();
    jobs = new ProviderJobs(world.client);
  });
  afterAll(() => world.close());

  it('joins what Temporal and the workflow know, and says so where the workflow is silent', async () => {
    world.simulator.setPlan('tiro', forEver);
    const id = await beginTiroJob(world.simulator);
    const job = await jobs.track('tiro.voice-file-job', id);
    expect(job.webUrl).toBeNull();

    const live = await eventually('a second look is booked', async () => {
      const snapshot = await job.snapshot();
      return snapshot.source === 'workflow' && snapshot.statusCalls >= 2 && snapshot.nextLookAt !== null
        ? snapshot
        : null;
    });
    expect(live).toMatchObject({
      workflowStatus: 'RUNNING',
      source: 'workflow',
      provider: 'tiro',
      resource: 'tiro.voice-file-job',
      jobId: id,
      phase: 'running',
      status: 'PROCESSING',
      recognised: true,
      pendingActivity: 'fetchJobStatus',
      lastError: null,
      stage: expect.stringContaining('Follow tiro') as string,
    });
    expect(live.attempt).toBeGreaterThan(1);
    expect(Date.parse(live.observedAt ?? '')).toBeLessThanOrEqual(Date.now());

    await world.worker?.stop();
    const startedAt = Date.now();
    const alone = await job.snapshot();
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    expect(alone).toMatchObject({
      workflowStatus: 'RUNNING',
      source: 'temporal',
      stage: null,
      jobId: id,
      phase: 'running',
      status: 'PROCESSING',
    });
    expect(alone.statusCalls).toBeGreaterThanOrEqual(live.statusCalls);

    await world.startWorker();
    await job.cancel();
    await job.result();
    expect(await job.snapshot()).toMatchObject({ workflowStatus: 'CANCELLED', jobId: id, nextLookAt: null });
  });

  it('shows the last error while the provider is out of reach', async () => {
    world.simulator.setPlan('tiro', forEver);
    const id = await beginTiroJob(world.simulator);
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, times: null });
    const job = await jobs.track('tiro.voice-file-job', id);
    const { lastError } = await eventually('an error shows', async () => {
      const snapshot = await job.snapshot();
      return snapshot.lastError === null ? null : snapshot;
    });
    expect(lastError).toContain('503');
    world.simulator.clearFaults();
    await job.cancel();
    await job.result();
  });
});
