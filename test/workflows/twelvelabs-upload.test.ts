import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import { eventually } from '../setup/eventually.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { startWorld, type World } from '../setup/world.ts';

const chunkSizeBytes = 256 * 1024;
const chunkCount = 8;
const all = Array.from({ length: chunkCount }, (_, offset) => offset + 1);
const once = Object.fromEntries(all.map((index) => [index, 1]));

describe('twelvelabsUpload', () => {
  let world: World;
  const content = randomBytes(chunkSizeBytes * chunkCount - 1000);
  beforeAll(async () => {
    world = await startWorld({ simulator: { chunkSizeBytes } });
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  let count = 0;
  // All of one name and size and each of other content, so that one taken for another shows.
  const start = async (more: object = {}) => {
    count += 1;
    content.writeUInt32LE(count);
    const source = await world.writeSource(`${String(count)}/clip.mp4`, content);
    return world.start('twelvelabsUpload', `provider-job/twelvelabs/upload-${String(count)}`, { source, ...more });
  };
  const run = async (more: object = {}) => {
    const handle = await start(more);
    const outcome = (await handle.result()) as JobOutcome;
    return { handle, outcome, parts: world.simulator.counters().parts[outcome.ids['upload_id'] ?? ''] };
  };
  const failureOf = async (more: object = {}) => {
    const handle = await start(more);
    const error: unknown = await handle.result().catch((failure: unknown) => failure);
    return { handle, cause: (error as { cause: unknown }).cause };
  };
  const sessionsCreated = () => world.simulator.counters().jobsCreated.twelvelabs;
  const eventCount = async (workflowId: string) => {
    const { events } = await world.client.workflow.getHandle(workflowId).fetchHistory();
    return events?.length ?? 0;
  };

  it('goes from a file to an asset that is ready, each chunk sent once', async () => {
    const before = world.simulator.calls({ operation: 'twelvelabs.session-status' }).length;
    const { handle, outcome, parts } = await run({ filename: 'match.mp4', user_metadata: { season: 3 } });
    expect(outcome).toMatchObject({
      provider: 'twelvelabs',
      resource: 'twelvelabs.asset',
      phase: 'succeeded',
      status: 'ready',
    });
    expect(outcome.ids).toEqual({ upload_id: expect.any(String) as string, asset_id: outcome.jobId });
    expect(parts).toEqual(once);
    const stored = world.simulator.objects('twelvelabs').filter(({ jobId }) => jobId === outcome.ids['upload_id']);
    const sent = stored.sort((one, other) => (one.partIndex ?? 0) - (other.partIndex ?? 0));
    expect(sent.map(({ sha256 }) => sha256)).toEqual(
      all.map((index) => {
        const bytes = content.subarray((index - 1) * chunkSizeBytes, index * chunkSizeBytes);
        return createHash('sha256').update(bytes).digest('hex');
      }),
    );
    await expectOwnResults(outcome.artifacts, content);
    const [artifact] = outcome.artifacts;
    expect(artifact).toMatchObject({ name: 'asset.json', mediaType: 'application/json' });
    const description: unknown = JSON.parse(await readFile(fileURLToPath(artifact?.uri ?? ''), 'utf8'));
    expect(description).toMatchObject({ _id: outcome.jobId, filename: 'match.mp4', user_metadata: { season: 3 } });
    const ofAsset = { operation: 'twelvelabs.asset-status', jobId: outcome.jobId } as const;
    const asked = world.simulator.calls({ operation: 'twelvelabs.session-status' }).length - before;
    // One look at the asset is the one that describes it.
    expect(outcome.statusCalls).toBe(asked + world.simulator.calls(ofAsset).length - 1);
    expect(await eventCount(handle.workflowId)).toBeLessThanOrEqual(44 + 8);
  });

  it('sends only those chunks again that failed', async () => {
    world.simulator.setPlan('twelvelabs', { failedChunks: [{ index: 3 }, { index: 7, error: 'Checksum' }] });
    const { outcome, parts } = await run();
    expect(outcome.phase).toBe('succeeded');
    expect(parts).toEqual({ ...once, 3: 2, 7: 2 });
  });

  it('sends a chunk again that storage refused, with a fresh address', async () => {
    const match = { partIndex: 5 };
    world.simulator.addFault({ kind: 'status', operation: 'twelvelabs.part-put', status: 403, match });
    const { outcome, parts } = await run();
    expect(outcome.phase).toBe('succeeded');
    expect(parts).toEqual(once);
    const puts = world.simulator.calls({ operation: 'twelvelabs.part-put', jobId: outcome.ids['upload_id'] ?? '' });
    expect(puts.filter(({ partIndex }) => partIndex === 5).map(({ status }) => status)).toEqual([403, 200]);
  });

  it('sends a chunk again that turns out failed while the session is put together', async () => {
    const rows = { uploaded_chunks: [{ index: 2, status: 'failed', error: 'Lost' }] };
    const fields = { chunks_completed: 7, chunks_failed: 1, chunks_pending: 0, ...rows };
    const script = [
      { status: 'active', polls: 2 },
      { status: 'active', fields, polls: 2 },
    ];
    world.simulator.setPlan('twelvelabs', { holdActive: true, script });
    const handle = await start();
    const sentAgain = () => {
      const { parts } = world.simulator.counters();
      return Object.entries(parts).find(([, times]) => times[2] === 2);
    };
    const [jobId, times] = await eventually('chunk 2 is sent again', sentAgain);
    world.simulator.setPlan('twelvelabs', { jobId });
    await expect(handle.result()).resolves.toMatchObject({ phase: 'succeeded', ids: { upload_id: jobId } });
    expect(times).toEqual({ ...once, 2: 2 });
  });

  it('names the chunk and the reason where one does not get through before the deadline, in as many events as ever', async () => {
    const match = { partIndex: 4 };
    const fault = { kind: 'status', operation: 'twelvelabs.part-put', status: 503, times: null, match } as const;
    world.simulator.addFault(fault);
    const { cause, handle } = await failureOf({ deadline: '5s' });
    expect(cause).toMatchObject({
      type: 'DeadlineExceeded',
      message: expect.stringMatching(/chunk 4 .*503/) as string,
    });
    const { events } = await handle.fetchHistory();
    expect((events ?? []).filter(({ timerStartedEventAttributes: timer }) => Boolean(timer))).toEqual([]);
  });

  it('begins anew with a session that is lost', async () => {
    const before = sessionsCreated();
    world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'failed', afterParts: 4 } });
    const { outcome, parts } = await run();
    expect(outcome.phase).toBe('succeeded');
    expect(sessionsCreated() - before).toBe(2);
    expect(parts).toEqual(once);
  });

  it('gives up after three sessions', async () => {
    const before = sessionsCreated();
    world.simulator.setPlan('twelvelabs', { jobs: 3, sessionEnd: { status: 'expired', afterParts: 8 } });
    const { cause } = await failureOf();
    expect(cause).toMatchObject({ type: 'UploadFailed', message: expect.stringContaining('expired') as string });
    expect(sessionsCreated() - before).toBe(3);
  });

  it('ends with the outcome of an asset that TwelveLabs could not process', async () => {
    world.simulator.setPlan('twelvelabs', { outcome: 'failed', message: 'no video track' });
    const { outcome } = await run();
    expect(outcome).toMatchObject({ phase: 'failed', status: 'failed', message: 'no video track', artifacts: [] });
  });

  it('takes an unknown status of the asset for no news', async () => {
    world.simulator.setPlan('twelvelabs', { assetScript: [{ status: 'dreaming', polls: 2 }] });
    const { outcome } = await run();
    expect(outcome).toMatchObject({ phase: 'succeeded', recognised: true });
  });

  it('leaves an empty session and nothing else where the answer to the create call is lost', async () => {
    const before = sessionsCreated();
    world.simulator.addFault({ kind: 'cut-after', operation: 'twelvelabs.create-session' });
    const { outcome, parts } = await run({ filename: 'lost.mp4' });
    expect(outcome.phase).toBe('succeeded');
    expect(parts).toEqual(once);
    expect(sessionsCreated() - before).toBe(2);
  });

  it('takes a like session of somebody else not for its own', async () => {
    const body = JSON.stringify({ filename: 'other.mp4', type: 'video', total_size: content.length });
    const headers = { 'x-api-key': world.simulator.keys.twelvelabs[0] ?? '', 'content-type': 'application/json' };
    const url = `${world.simulator.baseUrls.twelvelabs}/assets/multipart-uploads`;
    const other = (await (await fetch(url, { method: 'POST', headers, body })).json()) as { upload_id: string };
    world.simulator.addFault({ kind: 'cut', operation: 'twelvelabs.create-session' });
    const { outcome } = await run();
    expect(outcome.phase).toBe('succeeded');
    expect(outcome.ids['upload_id']).not.toBe(other.upload_id);
    expect(world.simulator.counters().parts[other.upload_id]).toBeUndefined();
  });

  it('does not send again what was reported before an attempt broke off', async () => {
    const files = 24;
    const long = await world.writeSource('long.mp4', randomBytes(chunkSizeBytes * files));
    world.simulator.addFault({ kind: 'status', operation: 'twelvelabs.report', status: 500, skip: 1, times: 2 });
    const { outcome, parts = {} } = await run({ source: long, concurrency: 2 });
    expect(outcome.phase).toBe('succeeded');
    expect(Object.keys(parts)).toHaveLength(files);
    const again = Object.values(parts).reduce((sum, times) => sum + times - 1, 0);
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(2 + 10);
  });

  it('takes the unfinished asset back when it is cancelled', async () => {
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'twelvelabs.part-put', times: null });
    const handle = await start();
    const isUploading = () =>
      world.simulator.calls({ operation: 'twelvelabs.part-put' }).some(({ state }) => state === 'open');
    await eventually('a chunk is on its way', isUploading);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    world.simulator.release(fault);
    expect((await handle.describe()).memo).toMatchObject({ cleanup: 'cancelled' });
    expect(world.simulator.calls({ operation: 'twelvelabs.delete-asset' }).map(({ status }) => status)).toEqual([200]);
  });

  it('keeps keys and upload addresses out of the history', async () => {
    world.simulator.addFault({ kind: 'echo', operation: 'twelvelabs.part-put', status: 500 });
    const { handle } = await run();
    const history = JSON.stringify((await handle.fetchHistory()).events, (_name, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
    );
    expect(history).not.toContain(world.simulator.keys.twelvelabs[0]);
    expect(history).not.toMatch(/X-Amz-(Signature|Date)/);
  });
});
