import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { jobNotFinished } from '../../src/activities/wait/job-not-finished.ts';
import { ProviderJobs } from '../../src/client.ts';
import { executionTimeoutMs } from '../../src/contract/deadlines.ts';
import { providerNameAttribute } from '../../src/contract/search-attributes.ts';
import type { ProviderName } from '../../src/providers/registry.ts';
import { findOpenJobs } from '../../src/worker/open-jobs.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('the open jobs of a provider', () => {
  let world: World;
  beforeAll(async () => {
    // Nobody looks at jobs of Tiro.
    world = await startWorld({ environment: { PROVIDER_JOBS_ROLES: 'workflows' } });
  });
  afterAll(() => world.close());

  const find = (provider: ProviderName, taskQueue = 'provider-jobs') =>
    findOpenJobs({ client: world.client, taskQueue, provider });

  /** A job that nobody works on. */
  const startUnserved = async (provider: ProviderName, id: string, executionTimeout?: number) => {
    const handle = await world.client.workflow.start('tiroTranscription', {
      ...{ taskQueue: 'unserved', workflowId: `provider-job/${provider}/${id}`, args: [{ source: 'file:///x.wav' }] },
      typedSearchAttributes: [{ key: providerNameAttribute, value: provider }],
      ...(executionTimeout === undefined ? {} : { workflowExecutionTimeout: executionTimeout }),
    });
    return (await handle.describe()).startTime.getTime();
  };

  it('are none where there are none', async () => {
    expect(await find('soket')).toEqual({ open: 0, oldestSeconds: 0, beyond: { learned: 0, deadline: 0 } });
  });

  it('are all counted, however many there are, and the oldest of them found', async () => {
    const oldestMs = await startUnserved('slng', 'oldest', executionTimeoutMs(1, false));
    await Promise.all(Array.from({ length: 70 }, (_, index) => startUnserved('slng', `job-${String(index)}`)));
    await eventually('all are visible', async () => (await find('slng', 'unserved')).open === 71);
    const before = Date.now();
    const { oldestSeconds } = await find('slng', 'unserved');
    expect(oldestSeconds * 1000).toBeGreaterThanOrEqual(before - oldestMs);
    expect(oldestSeconds * 1000).toBeLessThanOrEqual(Date.now() - oldestMs);
    await eventually('one is past its deadline', async () => (await find('slng', 'unserved')).beyond.deadline === 1);
    expect(await find('slng', 'unserved')).toMatchObject({ open: 71, beyond: { learned: 0, deadline: 1 } });
    // Of another environment on the namespace, or another provider, they are not.
    expect(await find('slng')).toMatchObject({ open: 0 });
    expect(await find('soket', 'unserved')).toMatchObject({ open: 0 });
  });

  it('are past their deadline while they wait for a worker, and late by what the last look has told', async () => {
    const jobs = new ProviderJobs(world.client);
    await jobs.track('tiro.voice-file-job', 'unserved', { deadline: '1s' });
    await eventually('it is past its deadline', async () => (await find('tiro')).beyond.deadline === 1);
    const late = { snapshot: null, calls: 1, isLate: true };
    const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
    const worker = await Worker.create({
      ...{ connection, namespace: world.namespace, taskQueue: 'provider-jobs-tiro' },
      activities: { fetchJobStatus: () => Promise.reject(jobNotFinished('It runs.', 60_000, late)) },
    });
    await worker.runUntil(async () => {
      await eventually('it is late', async () => (await find('tiro')).beyond.learned === 1);
    });
    await connection.close();
    expect(await find('tiro')).toMatchObject({ open: 1, beyond: { learned: 1, deadline: 1 } });
  });
});
