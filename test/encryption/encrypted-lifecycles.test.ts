import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Artifact } from '../../src/contract/job.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { makeWav } from '../setup/wav.ts';
import { type EncryptedWorld, makeKey, startEncryptedWorld } from './encrypted-world.ts';

const key = makeKey('a');
const mediaName = 'canary-interview';
const words = 'canary-words';
const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];

describe('with encryption the server holds nothing of media and results', () => {
  let encrypted: EncryptedWorld;
  let source: string;
  beforeAll(async () => {
    encrypted = await startEncryptedWorld(key, { simulator: { chunkSizeBytes: 100_000 } });
    source = await encrypted.world.writeSource(`${mediaName}.wav`, makeWav(60));
    await encrypted.startWorkerWith(key);
  });
  afterAll(() => encrypted.world.close());

  const expectUnreadable = async (workflowId: string, artifacts: readonly Artifact[]) => {
    const text = await encrypted.recorded(workflowId);
    expect(text).toContain('binary/encrypted');
    const secrets = [mediaName, words, ...artifacts.flatMap(({ name, uri }) => [name, uri])];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  };

  it.each(lifecycles)('of a whole job at %s', async (provider) => {
    const job = await encrypted.jobsWith(key).start(provider, { source }, { key: 'whole' });
    const { phase, artifacts } = await job.result();
    expect(phase).toBe('succeeded');
    expect(artifacts.length).toBeGreaterThan(0);
    await expectUnreadable(job.workflowId, artifacts);
  });

  it('of a pipeline over all of them, one of which fails at its provider', async () => {
    encrypted.world.simulator.setPlan('slng', { outcome: 'failed', message: words });
    const steps = lifecycles.map((provider) => ({ provider }));
    const pipeline = await encrypted.jobsWith(key).pipeline({ source, steps }, { key: 'p' });
    const { jobs } = await pipeline.result();
    expect(jobs.map(({ provider, phase }) => [provider, phase])).toEqual(
      lifecycles.map((provider) => [provider, provider === 'slng' ? 'failed' : 'succeeded']),
    );
    const artifacts = jobs.flatMap((job) => job.artifacts);
    for (const workflowId of [pipeline.workflowId, ...jobs.map((job) => job.workflowId)]) {
      await expectUnreadable(workflowId, artifacts);
    }
  });
});
