import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyInUseError, ProviderJobs } from '../../src/index.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('a key', () => {
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

  const running = () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, times: null });
  };
  const refused = () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.create', status: 422, times: null });
  };
  const ends: Record<string, (key: string) => Promise<void>> = {
    'a failure': async (key) => {
      refused();
      expect((await (await jobs.start('tiro', { source }, { key })).result()).failure).not.toBeNull();
    },
    'a cancellation': async (key) => {
      running();
      const job = await jobs.start('tiro', { source }, { key });
      await job.cancel();
      expect((await job.result()).failure?.type).toBe('Cancelled');
    },
    'a termination': async (key) => {
      running();
      const { workflowId } = await jobs.start('tiro', { source }, { key });
      await world.client.workflow.getHandle(workflowId).terminate();
    },
    'a time-out': async (key) => {
      running();
      const handle = await world.client.workflow.start('tiroTranscription', {
        workflowId: `provider-job/tiro/${encodeURIComponent(key)}`,
        taskQueue: 'provider-jobs',
        args: [{ source }],
        workflowExecutionTimeout: '1s',
      });
      await handle.result().catch(() => undefined);
    },
  };

  it.each(Object.entries(ends))('is not spent by %s', async (name, end) => {
    const key = `after ${name}`;
    await end(key);
    world.simulator.clearFaults();
    const [one, other] = await Promise.all([
      jobs.start('tiro', { source }, { key }),
      jobs.start('tiro', { source }, { key }),
    ]);
    expect(one.runId).toBe(other.runId);
    expect(await one.result()).toMatchObject({ runId: one.runId, phase: 'succeeded' });
    expect((await jobs.start('tiro', { source }, { key })).runId).toBe(one.runId);
  });

  it.each(Object.entries(ends))('belongs to its input also after %s', async (name, end) => {
    const key = `other input after ${name}`;
    await end(key);
    const error = await jobs.start('tiro', { source, translationLocales: ['ko_KR'] }, { key }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KeyInUseError);
    expect((error as KeyInUseError).fields).toEqual(['translationLocales']);
  });

  it('is free for a correct input after one that was not valid, started by whatever means', async () => {
    const workflowId = 'provider-job/tiro/mended';
    const wrong = await world.client.workflow.start('tiroTranscription', {
      workflowId,
      taskQueue: 'provider-jobs',
      args: [{ source, transcriptLocaleHints: 'korean' }],
    });
    await expect(wrong.result()).rejects.toThrow();
    const job = await jobs.start('tiro', { source }, { key: 'mended' });
    expect(await job.result()).toMatchObject({ workflowId, phase: 'succeeded' });
  });

  it('is free for a correct pipeline after one that has made nothing, since none of its steps was valid', async () => {
    const workflowId = 'media-pipeline/mended';
    const wrong = await world.client.workflow.start('mediaPipeline', {
      ...{ workflowId, taskQueue: 'provider-jobs' },
      args: [{ source, steps: [{ provider: 'tiro', options: { translationLocales: 5 } }] }],
    });
    expect(await wrong.result()).toMatchObject({ succeeded: false });
    const pipeline = await jobs.pipeline({ source, steps: [{ provider: 'tiro' }] }, { key: 'mended' });
    expect(await pipeline.result()).toMatchObject({ workflowId, succeeded: true });
    const other = jobs.pipeline({ source, steps: [{ provider: 'slng' }] }, { key: 'mended' });
    await expect(other).rejects.toThrow(KeyInUseError);
  });
});
