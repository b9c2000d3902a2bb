import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/job.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorld, type World } from '../setup/world.ts';

const chunkSizeBytes = 1024;

/** The same numbers in every run (https://en.wikipedia.org/wiki/Linear_congruential_generator). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a TwelveLabs upload of many chunks', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timeScale: 1000, simulator: { chunkSizeBytes } });
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  let started = 0;
  async function start(chunkCount: number): Promise<WorkflowHandle> {
    started += 1;
    const content = Buffer.alloc(chunkCount * chunkSizeBytes - 100, started);
    const source = await world.writeSource(`clip-${String(started)}.mp4`, content);
    const input = { source, concurrency: 8 };
    return world.start('twelvelabsUpload', `provider-job/twelvelabs/depth-${String(started)}`, input);
  }
  const partsOf = ({ ids }: JobOutcome) => world.simulator.counters().parts[ids['upload_id'] ?? ''] ?? {};
  const sessions = () => world.simulator.counters().jobsCreated.twelvelabs;
  const failAtRandom = (chunkCount: number, rate: number) => {
    const random = seededRandom(7);
    for (let partIndex = 1; partIndex <= chunkCount; partIndex += 1) {
      let times = 0;
      while (random() < rate) times += 1;
      const fault = { kind: 'status', operation: 'twelvelabs.part-put', status: 500, match: { partIndex } } as const;
      if (times > 0) world.simulator.addFault({ ...fault, times });
    }
  };
  async function eventCount(handle: WorkflowHandle): Promise<number> {
    const { raw } = await handle.describe();
    return Number(raw.workflowExecutionInfo?.historyLength);
  }
  async function finish(handle: WorkflowHandle) {
    const outcome = (await handle.result()) as JobOutcome;
    expect(await eventCount(handle)).toBeLessThan(200);
    return outcome;
  }
  async function failureOf(handle: WorkflowHandle) {
    const error: unknown = await handle.result().catch((failure: unknown) => failure);
    expect(await eventCount(handle)).toBeLessThan(200);
    return (error as { cause: unknown }).cause;
  }

  it('gets 10,000 chunks through where one in ten fails, with short heartbeats', { timeout: 90_000 }, async () => {
    const chunkCount = 10_000;
    failAtRandom(chunkCount, 0.1);
    const handle = await start(chunkCount);
    let longestBytes = 0;
    const result = finish(handle);
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
      80_000,
    );
    const parts = partsOf(await result);
    expect(Object.keys(parts)).toHaveLength(chunkCount);
    expect(Math.max(...Object.values(parts))).toBe(1);
    expect(longestBytes).toBeGreaterThan(1000);
    expect(longestBytes).toBeLessThan(20_000);
  });

  it.each([0.01, 0.5])('gets every chunk through where %d of all attempts fail', async (rate) => {
    const chunkCount = 1500;
    failAtRandom(chunkCount, rate);
    const parts = partsOf(await finish(await start(chunkCount)));
    expect(Object.keys(parts)).toHaveLength(chunkCount);
    expect(Math.max(...Object.values(parts))).toBe(1);
  });

  it('names the chunk that never gets through, and why, after a bounded number of attempts', async () => {
    const match = { partIndex: 77 };
    world.simulator.addFault({ kind: 'status', operation: 'twelvelabs.part-put', status: 500, times: null, match });
    const handle = await start(200);
    expect(await failureOf(handle)).toMatchObject({
      type: 'UploadFailed',
      message: expect.stringMatching(/8 waves: chunk 77: .*500/) as string,
    });
    const puts = world.simulator.calls({ operation: 'twelvelabs.part-put' });
    const refused = puts.filter(({ partIndex, status }) => partIndex === 77 && status === 500);
    expect(refused.length).toBeLessThanOrEqual(16);
  });

  it('sends chunks again that TwelveLabs marks as failed after their report', async () => {
    const failedChunks = [{ index: 3, times: 3 }, { index: 250 }, { index: 499, error: 'Checksum' }];
    world.simulator.setPlan('twelvelabs', { failedChunks });
    const parts = partsOf(await finish(await start(500)));
    expect(parts).toMatchObject({ 1: 1, 3: 4, 250: 2, 499: 2 });
  });

  it('bears reports that arrive twice', async () => {
    world.simulator.addFault({ kind: 'cut-after', operation: 'twelvelabs.report', skip: 3, times: 2 });
    const outcome = await finish(await start(200));
    const parts = partsOf(outcome);
    expect(Object.keys(parts)).toHaveLength(200);
    // What was in flight, and the batch whose answer was lost, is known to be there from TwelveLabs' own list.
    expect(Object.values(parts).reduce((sum, times) => sum + times - 1, 0)).toBeLessThanOrEqual(18);
  });

  it('sends a chunk again whose ETag was wrong', async () => {
    const match = { partIndex: 20 };
    const headers = { etag: '"0123456789abcdef0123456789abcdef"' };
    const fault = { kind: 'body', operation: 'twelvelabs.part-put', body: '', headers, match } as const;
    world.simulator.addFault(fault);
    const parts = partsOf(await finish(await start(50)));
    expect(parts).toMatchObject({ 19: 1, 20: 2, 21: 1 });
  });

  it('begins anew with a session that fails after nine parts in ten', async () => {
    const before = sessions();
    world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'failed', afterParts: 900 } });
    const outcome = await finish(await start(1000));
    expect(sessions() - before).toBe(2);
    expect(Object.keys(partsOf(outcome))).toHaveLength(1000);
  });

  it('counts the repairs over all sessions', async () => {
    const before = sessions();
    const failedChunks = [{ index: 40, times: 4 }];
    const sessionEnd = { status: 'failed', afterParts: 50 } as const;
    world.simulator.setPlan('twelvelabs', { failedChunks, sessionEnd, jobs: 2 });
    expect(await failureOf(await start(50))).toMatchObject({ type: 'UploadFailed' });
    // Four repairs in the first session leave three for the second.
    expect(sessions() - before).toBe(2);
  });

  it('takes a session with full counters for unfinished until TwelveLabs says that it is completed', async () => {
    world.simulator.setPlan('twelvelabs', { holdActive: true });
    const handle = await start(60);
    const asked = () => world.simulator.calls({ operation: 'twelvelabs.session-status' }).length;
    const jobId = await eventually('every part is there', () => {
      const session = world.simulator.jobs('twelvelabs').findLast(({ resource }) => resource === 'multipart-upload');
      const parts = world.simulator.counters().parts[session?.id ?? ''] ?? {};
      return Object.keys(parts).length === 60 ? session?.id : null;
    });
    const before = asked();
    await eventually('it was asked again', () => asked() >= before + 3);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    world.simulator.setPlan('twelvelabs', { jobId, holdActive: false });
    expect(partsOf(await finish(handle))).toMatchObject({ 1: 1, 60: 1 });
  });

  it('ends with the phase failed where the asset fails after a completed session', async () => {
    world.simulator.setPlan('twelvelabs', { outcome: 'failed', message: 'The codec is not supported' });
    const outcome = await finish(await start(50));
    expect(outcome).toMatchObject({ phase: 'failed', status: 'failed', artifacts: [] });
  });

  it('goes on asking where the asset has a status that nobody knows', async () => {
    const assetScript = [
      { status: 'transmogrifying', polls: 2 },
      { status: 'Ready?', polls: 1 },
    ];
    world.simulator.setPlan('twelvelabs', { assetScript });
    const outcome = await finish(await start(50));
    expect(outcome).toMatchObject({ phase: 'succeeded', status: 'ready', recognised: true });
  });
});
