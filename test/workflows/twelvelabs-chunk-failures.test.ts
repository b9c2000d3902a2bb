import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { failAtRandom, startTwelvelabsWorld, type TwelvelabsWorld } from './twelvelabs-world.ts';

describe('the chunks of a TwelveLabs upload', () => {
  let world: TwelvelabsWorld;
  beforeAll(async () => {
    world = await startTwelvelabsWorld();
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  // All 10,000 that TwelveLabs takes, and as many as that at other rates: `npm run test:load -- many-chunks`.
  it('gets 1,000 chunks through where one in ten fails, with short heartbeats', async () => {
    const chunkCount = 1000;
    failAtRandom(world.simulator, chunkCount, 0.1);
    const handle = await world.startUpload(chunkCount);
    let longestBytes = 0;
    const result = world.finish(handle);
    const ended = result.then(
      () => true,
      () => true,
    );
    await eventually(
      'the workflow has ended',
      async () => {
        const { raw } = await handle.describe();
        for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
          const bytes = (heartbeatDetails?.payloads ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
          longestBytes = Math.max(longestBytes, bytes);
        }
        return Promise.race([ended, Promise.resolve(false)]);
      },
      50_000,
    );
    const parts = world.partsOf(await result);
    expect(Object.keys(parts)).toHaveLength(chunkCount);
    expect(Math.max(...Object.values(parts))).toBe(1);
    expect(longestBytes).toBeGreaterThan(100);
    expect(longestBytes).toBeLessThan(2000);
  });

  it.each([0.01, 0.5])('gets every chunk through where %d of all attempts fail', async (rate) => {
    const chunkCount = 600;
    failAtRandom(world.simulator, chunkCount, rate);
    const parts = world.partsOf(await world.finish(await world.startUpload(chunkCount)));
    expect(Object.keys(parts)).toHaveLength(chunkCount);
    expect(Math.max(...Object.values(parts))).toBe(1);
  });

  it('ends at once at a chunk that storage will never take, and says which and why', async () => {
    const match = { partIndex: 77 };
    const body = '<Error><Code>EntityTooLarge</Code></Error>';
    const fault = { kind: 'status', operation: 'twelvelabs.part-put', status: 400, body, times: null, match } as const;
    world.simulator.addFault(fault);
    const handle = await world.startUpload(200);
    expect(await world.failureOf(handle)).toMatchObject({
      type: 'RequestRejected',
      message: expect.stringMatching(/chunk 77 .*EntityTooLarge/) as string,
    });
    const puts = world.simulator.calls({ operation: 'twelvelabs.part-put' });
    const refused = puts.filter(({ partIndex, status }) => partIndex === 77 && status === 400);
    expect(refused.length).toBeLessThanOrEqual(2);
  });

  it('sends chunks again that TwelveLabs marks as failed after their report', async () => {
    const failedChunks = [{ index: 3, times: 3 }, { index: 250 }, { index: 499, error: 'Checksum' }];
    world.simulator.setPlan('twelvelabs', { failedChunks });
    const parts = world.partsOf(await world.finish(await world.startUpload(500)));
    expect(parts).toMatchObject({ 1: 1, 3: 4, 250: 2, 499: 2 });
  });

  it('bears reports that arrive twice', async () => {
    world.simulator.addFault({ kind: 'cut-after', operation: 'twelvelabs.report', skip: 3, times: 2 });
    const outcome = await world.finish(await world.startUpload(200));
    const parts = world.partsOf(outcome);
    expect(Object.keys(parts)).toHaveLength(200);
    // What was in flight, and the batch whose answer was lost, is known to be there from TwelveLabs' own list.
    expect(Object.values(parts).reduce((sum, times) => sum + times - 1, 0)).toBeLessThanOrEqual(18);
  });

  it('sends a chunk again whose ETag was wrong', async () => {
    const match = { partIndex: 20 };
    const headers = { etag: '"0123456789abcdef0123456789abcdef"' };
    const fault = { kind: 'body', operation: 'twelvelabs.part-put', body: '', headers, match } as const;
    world.simulator.addFault(fault);
    const parts = world.partsOf(await world.finish(await world.startUpload(50)));
    expect(parts).toMatchObject({ 19: 1, 20: 2, 21: 1 });
  });
});
