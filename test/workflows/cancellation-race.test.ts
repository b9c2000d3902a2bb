import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobNotice } from '../../src/contract/job.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('a cancellation that races with the end of a job', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ timeScale: 1000 });
    source = await world.writeSource('clip.wav', makeWav(30));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const start = (type: string, key: string) =>
    world.start(type, `provider-job/race/${key}`, { source, notify: ['nobody-here'] });

  /** How the workflow closed, what its memo says, and the notices that it sent. */
  async function endOf(handle: WorkflowHandle) {
    await handle.result().catch(() => undefined);
    const { events } = await handle.fetchHistory();
    const notices = (events ?? []).flatMap(({ signalExternalWorkflowExecutionInitiatedEventAttributes: sent }) => {
      const data = sent?.input?.payloads?.[0]?.data;
      return data ? [JSON.parse(Buffer.from(data).toString()) as JobNotice] : [];
    });
    const { status, memo } = await handle.describe();
    return { status: status.name, cleanup: memo?.['cleanup'] ?? null, notices };
  }

  it.each([
    ['tiroTranscription', 'tiro'],
    ['slngTranscription', 'slng'],
    ['soketTranscription', 'soket'],
    ['twelvelabsUpload', 'twelvelabs'],
  ])('%s ends as one of the two, and its one notice says which', async (type, name) => {
    const startedAt = Date.now();
    await (await start(type, `${name}-measure`)).result();
    const wholeMs = Date.now() - startedAt;
    // Cancellations spread over the whole course, most of them near its end; the first at once, whatever the course took.
    const shares = [0, 0.3, 0.6, 0.8, 0.9, 1, 1.1];
    const ends = await Promise.all(
      shares.map(async (share, index) => {
        const handle = await start(type, `${name}-${String(index)}`);
        const cancelAt = Date.now() + wholeMs * share;
        await eventually('it is time', () => Date.now() >= cancelAt);
        await handle.cancel().catch(() => undefined);
        return endOf(handle);
      }),
    );
    for (const { status, cleanup, notices } of ends) {
      expect(notices).toHaveLength(1);
      const [notice] = notices;
      if (status === 'COMPLETED')
        expect({ failure: notice?.failure, cleanup }).toEqual({ failure: null, cleanup: null });
      else {
        expect(status).toBe('CANCELLED');
        expect(notice).toMatchObject({ failure: { type: 'Cancelled' }, cleanup });
      }
    }
    expect(ends.some(({ status }) => status === 'CANCELLED')).toBe(true);
  });

  it('reaches the children of a pipeline, also while a provider is down', async () => {
    const fault = { kind: 'status', status: 503, times: null } as const;
    world.simulator.addFault({ ...fault, operation: 'slng.create' });
    world.simulator.addFault({ kind: 'hold', operation: 'tiro.storage-put', times: null });
    const steps = [{ provider: 'tiro' }, { provider: 'slng' }];
    const pipeline = await world.start('mediaPipeline', 'media-pipeline/cancelled', { source, steps });
    const called = (operation: 'slng.create' | 'tiro.storage-put') =>
      world.simulator.calls({ operation }).some(({ status, state }) => status === 503 || state === 'open');
    await eventually('both are in the middle', () => called('slng.create') && called('tiro.storage-put'));
    const cancelledAt = Date.now();
    await pipeline.cancel();
    await expect(pipeline.result()).rejects.toThrow(/cancel/i);
    expect(Date.now() - cancelledAt).toBeLessThan(20_000);
    for (const step of steps) {
      const child = world.client.workflow.getHandle(`provider-job/${step.provider}/cancelled.${step.provider}`);
      expect((await child.describe()).status.name).toBe('CANCELLED');
    }
  });
});
