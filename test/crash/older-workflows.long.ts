import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { providerJobIdAttribute } from '../../src/contract/search-attributes.ts';
import { eventually } from '../setup/eventually.ts';
import { bundleOlderWorkflows } from '../setup/older-bundle.ts';
import { startWorld, type World } from '../setup/world.ts';
import { type HeldJobs, readWorkers, startHeldJobs } from './held-jobs.ts';

// Its transfers hear of a cancellation so late that one under way can still end.
const olderWorker = { identity: 'older', maxHeartbeatThrottleInterval: '1m' } as const;

/** Cancels a workflow and waits until a worker has taken note of it. */
async function cancelAndBeHeard(handle: WorkflowHandle): Promise<void> {
  await handle.cancel();
  await eventually('a worker has heard of the cancellation', async () => {
    const { events } = await handle.fetchHistory();
    const at = events?.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes) ?? -1;
    return at !== -1 && events?.slice(at).some((event) => event.workflowTaskCompletedEventAttributes);
  });
}

// Rolling restarts without worker versioning: an open workflow goes on wherever there is a worker.
describe('workflows that older code began', () => {
  let world: World;
  let olderCode: Awaited<ReturnType<typeof bundleOlderWorkflows>>;
  beforeAll(async () => {
    olderCode = await bundleOlderWorkflows();
    expect(olderCode.workflowBundle.code).not.toContain('cancel-reaches-creates');
    world = await startWorld({ startWorker: false, simulator: { chunkSizeBytes: 10_000 } });
  });
  afterAll(() => world.close());

  /** Has jobs begun by the older code, and goes on with today's. */
  async function changeWorkers(begin: () => Promise<HeldJobs>): Promise<WorkflowHandle[]> {
    await world.worker?.stop();
    const older = await world.startWorker({ workflowCode: olderCode, workerOptions: olderWorker });
    const { handles, release } = await begin();
    await older.stop();
    release();
    world.worker = await world.startWorker({ workerOptions: { identity: 'newer' } });
    return handles;
  }
  const resourcesOf = (provider: 'soket' | 'twelvelabs' | 'tiro' | 'slng') =>
    world.simulator.jobs(provider).map(({ resource }) => resource);

  it('end well on the code of today, with nothing made twice', async () => {
    const handles = await changeWorkers(() => startHeldJobs(world, 'older'));
    for (const handle of handles) {
      expect(await handle.result(), handle.workflowId).toMatchObject({ phase: 'succeeded' });
      expect(await readWorkers(handle), handle.workflowId).toEqual(['older', 'newer']);
    }
    expect(resourcesOf('soket').sort()).toEqual(['batch', 'upload']);
    expect(resourcesOf('twelvelabs').sort()).toEqual(['asset', 'multipart-upload']);
    expect(resourcesOf('tiro')).toEqual(['voice-file-job']);
    expect(resourcesOf('slng')).toEqual(['batch-job']);
  });

  async function startCancelledCreate(): Promise<HeldJobs> {
    const jobs = await startHeldJobs(world, 'in-create', { slng: 'slng.create' });
    for (const held of jobs.handles) await cancelAndBeHeard(held);
    return jobs;
  }

  /** The upload still ends, as its attempt has not heard of the cancellation, and the create is held. */
  async function startCancelledUpload(): Promise<HeldJobs> {
    const { handles, release } = await startHeldJobs(world, 'in-upload', { slng: 'slng.storage-put' });
    for (const held of handles) await cancelAndBeHeard(held);
    const create = world.simulator.addFault({ kind: 'hold', operation: 'slng.create', times: null });
    release();
    await eventually(
      'the create is under way',
      () => world.simulator.calls({ operation: 'slng.create' }).at(-1)?.state === 'open',
    );
    return { handles, release: () => world.simulator.release(create) };
  }

  it.each([
    ['in a create', startCancelledCreate],
    ['before a create, in an upload that still ended', startCancelledUpload],
  ])('and were cancelled %s keep the id of what it made', async (_, begin) => {
    const [handle] = await changeWorkers(begin);
    if (handle === undefined) throw new Error('no job was begun');
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await readWorkers(handle)).toEqual(['older', 'newer']);
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(providerJobIdAttribute)).toBe(world.simulator.jobs('slng').at(-1)?.id);
  });
});
