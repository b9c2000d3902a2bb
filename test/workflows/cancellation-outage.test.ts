import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/simulator/index.ts';
import { providerJobIdAttribute } from '../../src/contract/search-attributes.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const unavailable = { kind: 'status', status: 503, times: null } as const;

describe('cancelling while a provider is down', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    // A slow clock: pauses between attempts are long, and a cancellation must not wait for them.
    world = await startWorld({ timeScale: 2 });
    source = await world.writeSource('clip.wav', makeWav(30));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const pausesIn = (handle: WorkflowHandle, activity: string) =>
    eventually(`${activity} waits for its next attempt`, async () => {
      const { raw } = await handle.describe();
      const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
      return pending?.lastFailure?.message && (pending.attempt ?? 0) > 2 ? pending.lastFailure.message : null;
    });
  async function cancel(handle: WorkflowHandle) {
    const cancelledAt = Date.now();
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const { memo, status, typedSearchAttributes } = await handle.describe();
    const jobId = typedSearchAttributes.get(providerJobIdAttribute);
    return { tookMs: Date.now() - cancelledAt, cleanup: memo?.['cleanup'], status: status.name, jobId };
  }

  it.each<[string, string, Operation, string, string]>([
    ['tiroTranscription', 'tiro', 'tiro.create', 'uploadTiroFile', 'not-supported'],
    ['tiroTranscription', 'tiro', 'tiro.upload-complete', 'fetchJobStatus', 'not-supported'],
    ['soketTranscription', 'soket', 'soket.upload', 'uploadSoketFiles', 'not-supported'],
    ['soketTranscription', 'soket', 'soket.submit', 'submitSoketBatch', 'cancelled'],
    ['slngTranscription', 'slng', 'slng.presign', 'uploadSlngFile', 'not-supported'],
    ['slngTranscription', 'slng', 'slng.create', 'createSlngJob', 'cancelled'],
    ['twelvelabsUpload', 'twelvelabs', 'twelvelabs.create-session', 'createTwelveLabsUpload', 'not-supported'],
    ['twelvelabsUpload', 'twelvelabs', 'twelvelabs.presigned-urls', 'uploadTwelveLabsChunks', 'cancelled'],
  ])(
    '%s of %s ends soon, and does not wait for the outage, at %s',
    async (type, provider, operation, activity, cleanup) => {
      const neverSent = operation === 'soket.submit' ? { status: 409 } : {};
      world.simulator.addFault({ ...unavailable, operation, ...neverSent });
      const handle = await world.start(type, `provider-job/${provider}/outage-${operation}`, { source });
      await pausesIn(handle, activity);
      const end = await cancel(handle);
      expect(end).toMatchObject({ status: 'CANCELLED', cleanup });
      expect(end.tookMs).toBeLessThan(20_000);
    },
  );

  it('learns the id of an SLNG job whose answer was lost before the cancellation', async () => {
    const { simulator } = world;
    simulator.addFault({ kind: 'cut-after', operation: 'slng.create' });
    simulator.addFault({ ...unavailable, operation: 'slng.status' });
    const handle = await world.start('slngTranscription', 'provider-job/slng/lost-and-cancelled', { source });
    await pausesIn(handle, 'createSlngJob');
    const end = cancel(handle);
    await pausesIn(handle, 'lookForSlngJob');
    simulator.clearFaults();
    const job = simulator.jobs('slng').at(-1);
    await expect(end).resolves.toMatchObject({
      jobId: job?.id,
      cleanup: expect.stringMatching(/not|already/) as string,
    });
  });

  it('makes no job once a create was cancelled between two attempts', async () => {
    const before = world.simulator.counters().jobsCreated.slng;
    world.simulator.addFault({ ...unavailable, operation: 'slng.create' });
    const handle = await world.start('slngTranscription', 'provider-job/slng/none', { source });
    await pausesIn(handle, 'createSlngJob');
    await cancel(handle);
    world.simulator.clearFaults();
    expect(world.simulator.counters().jobsCreated.slng).toBe(before);
  });
});
