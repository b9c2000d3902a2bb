import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';
import { attemptsOf } from './attempts-of.ts';

const transfers = [
  { provider: 'soket', operation: 'soket.upload' },
  { provider: 'twelvelabs', operation: 'twelvelabs.part-put' },
  { provider: 'tiro', operation: 'tiro.storage-put' },
  { provider: 'slng', operation: 'slng.storage-put' },
] as const;

describe('a worker that is asked to stop during an upload', () => {
  let world: World;
  let next: RunningWorker | undefined;
  beforeAll(async () => {
    world = await startWorld({ startWorker: false });
  });
  afterAll(() => world.close());

  async function startHeld(key: string, { provider, operation }: (typeof transfers)[number]) {
    const isVideo = provider === 'twelvelabs';
    const content = isVideo ? Buffer.alloc(4096, 1) : makeWav(5);
    const source = await world.writeSource(`${key}-${provider}.${isVideo ? 'mp4' : 'wav'}`, content);
    const fault = world.simulator.addFault({ kind: 'hold', operation });
    const handle = await world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/${key}`, { source });
    const held = () => world.simulator.calls({ operation }).some(({ faultId }) => faultId === fault);
    await eventually(`${operation} is on its way`, held);
    return { handle, release: () => world.simulator.release(fault) };
  }

  it('lets all of them end where there is enough grace, and none is sent again', async () => {
    const worker = await world.startWorker({ workerOptions: { shutdownGraceTime: '30s' } });
    const uploads = await Promise.all(transfers.map((transfer) => startHeld('enough', transfer)));
    const before = transfers.map(({ operation }) => world.simulator.calls({ operation }).length);
    const stopped = worker.stop();
    for (const { release } of uploads) release();
    await stopped;
    next = await world.startWorker({ workerOptions: { shutdownGraceTime: '500ms' } });
    for (const { handle } of uploads) {
      expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
      expect((await attemptsOf(handle)).timeOuts, handle.workflowId).toBe(0);
    }
    expect(transfers.map(({ operation }) => world.simulator.calls({ operation }).length)).toEqual(before);
  });

  it('leaves them to another worker at once where there is not, and no job is doubled', async () => {
    const uploads = await Promise.all(transfers.map((transfer) => startHeld('short', transfer)));
    await next?.stop();
    await world.startWorker();
    for (const { handle } of uploads) {
      expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
      expect((await attemptsOf(handle)).timeOuts, handle.workflowId).toBe(0);
    }
  });
});
