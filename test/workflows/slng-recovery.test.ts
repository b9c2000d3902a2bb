import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import { eventually } from '../setup/eventually.ts';
import { type SlngWorld, startSlngWorld } from './slng-world.ts';

/** Everything that a history holds, its payloads as text. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textOf).join('\n');
}

describe('slngTranscription under faults and cancellation', () => {
  let slng: SlngWorld;
  beforeAll(async () => {
    slng = await startSlngWorld();
  });
  beforeEach(() => {
    slng.reset();
  });
  afterAll(() => slng.world.close());

  it('finds the job of a create whose answer was lost, and makes no second one', async () => {
    slng.world.simulator.addFault({ kind: 'cut-after', operation: 'slng.create' });
    const outcome = await slng.run();
    expect(outcome.phase).toBe('succeeded');
    expect(slng.calls('slng.create')).toHaveLength(1);
    expect(slng.createdJobs()).toEqual([outcome.jobId]);
  });

  it('creates the job once where the create call never arrived', async () => {
    slng.world.simulator.addFault({ kind: 'cut', operation: 'slng.create' });
    const outcome = await slng.run();
    expect(outcome.phase).toBe('succeeded');
    const settled = slng.operations().slice(slng.operations().indexOf('slng.create'));
    expect(settled.slice(0, 3)).toEqual(['slng.create', 'slng.status', 'slng.create']);
    expect(slng.createdJobs()).toEqual([outcome.jobId]);
  });

  it('asks for a fresh upload address after a failed upload', async () => {
    slng.world.simulator.addFault({ kind: 'status', operation: 'slng.storage-put', status: 403, times: 2 });
    const handle = await slng.start();
    const { phase, ids } = (await handle.result()) as JobOutcome;
    expect(phase).toBe('succeeded');
    expect(slng.calls('slng.presign')).toHaveLength(3);
    expect(slng.calls('slng.storage-put').map(({ status }) => status)).toEqual([403, 403, 200]);
    const history = textOf(await handle.fetchHistory());
    expect(history).toContain(ids['s3_key']);
    expect(history).not.toContain(slng.world.simulator.url);
    expect(history).not.toContain(slng.world.simulator.keys.slng[0]);
  });

  it('asks for fresh download links after one was refused', async () => {
    slng.world.simulator.addFault({ kind: 'status', operation: 'slng.storage-get', status: 403, skip: 1 });
    const outcome = await slng.run();
    expect(outcome).toMatchObject({ phase: 'succeeded', missing: [] });
    expect(outcome.artifacts).toHaveLength(4);
    expect(slng.calls('slng.files')).toHaveLength(2);
  });

  it('says at a cancellation that SLNG cannot stop a job, and keeps its id', async () => {
    slng.world.simulator.setPlan('slng', { durationMs: 3_600_000 });
    const handle = await slng.start();
    const id = await eventually('the job exists', () => slng.createdJobs()[0]);
    await eventually('its id is recorded', async () => {
      const { jobId } = await handle.query<{ jobId: string | null }>('jobSnapshot');
      return jobId === id;
    });
    await handle.cancel();
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    const description = await handle.describe();
    expect(description.status.name).toBe('CANCELLED');
    expect(description.memo).toMatchObject({ cleanup: 'not-supported' });
    expect(slng.operations()).not.toContain('slng.delete');
  });

  it('keeps the id of a job whose create call is under way when the cancellation comes', async () => {
    slng.world.simulator.setPlan('slng', { durationMs: 3_600_000 });
    const fault = slng.world.simulator.addFault({ kind: 'hold', operation: 'slng.create' });
    const handle = await slng.start();
    await eventually('the create call is held', () => slng.calls('slng.create').length === 1);
    await handle.cancel();
    slng.world.simulator.release(fault);
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    const { jobId } = await handle.query<{ jobId: string | null }>('jobSnapshot');
    expect(slng.createdJobs()).toEqual([jobId]);
    expect((await handle.describe()).memo).toMatchObject({ cleanup: 'not-supported' });
  });
});
