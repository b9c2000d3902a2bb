import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe("startJob in somebody else's workflow", () => {
  let world: World;
  let connection: NativeConnection;
  let own: Worker;
  let running: Promise<void>;
  let source: string;
  beforeAll(async () => {
    world = await startWorld();
    source = await world.writeSource('talk.wav', makeWav(30));
    connection = await NativeConnection.connect({ address: inject('temporalAddress') });
    own = await Worker.create({
      connection,
      namespace: world.namespace,
      taskQueue: 'own',
      workflowsPath: fileURLToPath(new URL('../fixtures/own-workflows/index.ts', import.meta.url)),
    });
    running = own.run();
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(async () => {
    own.shutdown();
    await running;
    await connection.close();
    await world.close();
  });

  let count = 0;
  const parent = async (...args: unknown[]): Promise<string> => {
    count += 1;
    const workflowId = `odd-${String(count)}`;
    const handle = await world.client.workflow.start('oddParent', { taskQueue: 'own', workflowId, args });
    return (await handle.result()) as string;
  };

  it.each([
    ['no input', ['tiro', null], 'InvalidInput'],
    ['a source that is none', ['tiro', { source: 5 }], 'InvalidInput'],
    ['a deadline that is none', ['tiro', { source: 'file:///x.wav', deadline: 1e300 }], 'InvalidInput'],
    ['what is no JSON', ['tiro', 'circular'], 'InvalidInput'],
    ['a provider that is none', ['nobody', { source: 'file:///x.wav' }], 'InvalidInput'],
    ['an empty key', ['tiro', { source: 'file:///x.wav' }, ''], 'InvalidInput'],
    ['more than Temporal takes', ['tiro', { source: `file:///${'x'.repeat(700_000)}` }], 'InvalidInput'],
  ])('fails for %s and never hangs its caller', async (_name, args, type) => {
    expect(await parent(...args)).toMatch(new RegExp(`^${type}: `));
  });

  it('joins a job that has its key, and refuses one with other input by its fields', async () => {
    const jobs = new ProviderJobs(world.client);
    const job = await jobs.start('tiro', { source, deadline: '10m' }, { key: 'joined' });
    const { jobId } = await job.result();
    const created = world.simulator.calls({ operation: 'tiro.create' }).length;
    expect(await parent('tiro', { source, deadline: 600_000 }, 'joined')).toBe(`succeeded ${String(jobId)}`);
    expect(await parent('tiro', { source, deadline: 600_000, translationLocales: ['ko_KR'] }, 'joined')).toMatch(
      /^KeyInUse: .*translationLocales/,
    );
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(created);
  });

  it.each([null, 5, ['a']])('fails for %j as input also where the key is taken', async (input) => {
    const jobs = new ProviderJobs(world.client);
    await (await jobs.start('tiro', { source }, { key: 'taken' })).result();
    expect(await parent('tiro', input, 'taken')).toMatch(/^InvalidInput: /);
  });

  it('starts a job anew that failed under its key', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.create', status: 422, times: null });
    expect(await parent('tiro', { source }, 'anew')).toMatch(/^RequestRejected: /);
    world.simulator.clearFaults();
    expect(await parent('tiro', { source }, 'anew')).toMatch(/^succeeded /);
  });
});
