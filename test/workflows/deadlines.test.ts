import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WorkflowHandle, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collectWithinMs } from '../../src/contract/deadlines.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { PipelineOutcome } from '../../src/contract/pipeline.ts';
import type { FetchJobStatusInput } from '../../src/activities/wait/fetch-job-status.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { type Fault, type Operation, type SimulatedProvider, simulatedProviders } from '../../src/simulator/index.ts';
import { eventually } from '../setup/eventually.ts';
import { findFreePort } from '../../src/dev/free-port.ts';
import { readScheduled } from '../setup/scheduled-activities.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const deadlineMs = 3000;
const soonMs = 12_000;
const forEver = 600_000_000;
const dayMs = 24 * 3_600_000;

async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  if (!(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)) throw error as Error;
  return error.cause;
}

async function startSilentHost(): Promise<string> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/talk.wav`;
}

describe("the caller's deadline", () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({
      environment: { PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'true' },
      simulator: { chunkSizeBytes: 100_000 },
    });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  const start = (provider: SimulatedProvider, name: string, input: object = {}) =>
    world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/${name}`, {
      ...{ source, deadline: deadlineMs },
      ...input,
    });
  /** Ends soon after the deadline, and for no other reason. */
  async function endsLate(handle: WorkflowHandle): Promise<string> {
    const { type, message } = await failureOf(handle);
    expect({ type, message }).toMatchObject({ type: 'DeadlineExceeded' });
    const { startTime, closeTime } = await handle.describe();
    expect((closeTime?.getTime() ?? Infinity) - startTime.getTime()).toBeLessThan(deadlineMs + soonMs);
    return message;
  }
  const callsOf = (operation: Operation) => world.simulator.calls({ operation });

  it.each(simulatedProviders)('ends the look at a source on a dead host (%s)', async (provider) => {
    const dead = `http://127.0.0.1:${String(await findFreePort())}/talk.wav`;
    const message = await endsLate(await start(provider, 'dead-host', { source: dead, deadline: '3s' }));
    expect(message).toMatch(/^The source could not be read.*ECONNREFUSED/);
  });

  it('ends the look at a source whose host never answers', async () => {
    const handle = await start('slng', 'silent-host', { source: await startSilentHost(), deadline: '3 seconds' });
    expect(await endsLate(handle)).toMatch(/^The source could not be read/);
  });

  it.each<[SimulatedProvider, Operation]>([
    ['tiro', 'tiro.create'],
    ['tiro', 'tiro.upload-complete'],
    ['slng', 'slng.presign'],
    ['slng', 'slng.create'],
    ['soket', 'soket.upload'],
    ['twelvelabs', 'twelvelabs.create-session'],
  ])('ends a job at %s whose %s is refused with 503 all along, with the reason', async (provider, operation) => {
    world.simulator.addFault({ kind: 'status', status: 503, operation, times: null });
    expect(await endsLate(await start(provider, `refused-${operation}`))).toContain('503');
  });

  it.each<[SimulatedProvider, Operation]>([
    ['tiro', 'tiro.storage-put'],
    ['slng', 'slng.storage-put'],
    ['soket', 'soket.upload'],
    ['twelvelabs', 'twelvelabs.part-put'],
  ])('ends an upload to %s that does not get through (%s)', async (provider, operation) => {
    world.simulator.addFault({ kind: 'hold', operation, times: null });
    await endsLate(await start(provider, `held-${operation}`));
    await eventually('nothing is sent any more', () => callsOf(operation).every(({ state }) => state !== 'open'));
  });

  it('ends the pause between two waves of an upload to TwelveLabs, saying which chunk failed, and begins no other', async () => {
    const retryAfter = { form: 'seconds', seconds: 600 } as const;
    world.simulator.addFault({
      kind: 'status',
      status: 503,
      operation: 'twelvelabs.part-put',
      times: null,
      retryAfter,
    });
    const handle = await start('twelvelabs', 'pause', { deadline: `${String(deadlineMs)}ms` });
    expect(await endsLate(handle)).toMatch(/chunk \d+.*503/);
    const waves = (await readScheduled(handle)).filter(({ activity }) => activity === 'uploadTwelveLabsChunks');
    expect(waves).toHaveLength(1);
  });

  it.each(simulatedProviders)('ends the wait for a job at %s with a last look', async (provider) => {
    world.simulator.setPlan(provider, { durationMs: forEver });
    const message = await endsLate(await start(provider, 'wait'));
    expect(message).toMatch(/^The deadline has passed: /);
  });

  it('bounds a job that a workflow starts as its child, with a time-out of the server behind it', async () => {
    const dead = `http://127.0.0.1:${String(await findFreePort())}/talk.wav`;
    const steps = [{ provider: 'tiro', options: { deadline: '3s' } }];
    const parent = await world.start('mediaPipeline', 'media-pipeline/child', { source: dead, steps });
    const { jobs } = (await parent.result()) as PipelineOutcome;
    expect(jobs).toMatchObject([{ failure: { type: 'DeadlineExceeded' } }]);
    const child = world.client.workflow.getHandle('provider-job/tiro/child.tiro');
    await endsLate(child);
    const timeout = (await child.describe()).raw.executionConfig?.workflowExecutionTimeout?.seconds;
    expect(Number(timeout)).toBe((deadlineMs + collectWithinMs + 15 * 60_000) / 1000);
  });

  it('is refused as invalid input where it is no length of time', async () => {
    expect((await failureOf(await start('tiro', 'soon', { deadline: 'soon' }))).type).toBe('InvalidInput');
  });
});

describe('a job whose results cannot be stored before its deadline', () => {
  it.each(simulatedProviders)('stores them when it can (%s)', async (provider) => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const world = await startWorld({ startWorker: false, simulator: { chunkSizeBytes: 100_000 } });
    onTestFinished(() => world.close());
    const store = createDirectoryResultStore(world.resultsDirectory);
    const write: typeof store.write = async (...input) => {
      await opened;
      return store.write(...input);
    };
    await world.startWorker({ results: { ...store, write } });
    const source = await world.writeSource('talk.wav', makeWav(60));
    const input = { source, deadline: '6s' };
    const handle = await world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/store`, input);
    const [collect] = await eventually('it collects', async () => {
      const found = (await readScheduled(handle)).filter(({ activity }) => activity.startsWith('collect'));
      return found.length > 0 ? found : null;
    });
    expect(collect?.taskQueue).toBe(`provider-jobs-${provider}-collect`);
    expect(collect?.scheduleToCloseMs).toBeGreaterThanOrEqual(dayMs);
    const { startTime } = await handle.describe();
    await eventually('the deadline has passed', () => Date.now() > startTime.getTime() + 6500);
    open();
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
  });
});

describe('a job without a deadline of its own', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_TRANSFERS: '1' }, simulator: { chunkSizeBytes: 100_000 } });
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  it.each<[SimulatedProvider, Operation, string, number]>([
    ['tiro', 'tiro.storage-put', 'uploadTiroFile', 0.5],
    ['slng', 'slng.storage-put', 'uploadSlngFile', 0.5],
    ['soket', 'soket.upload', 'uploadSoketFiles', 6],
    ['twelvelabs', 'twelvelabs.part-put', 'uploadTwelveLabsChunks', 24],
  ])('at %s has it from when its media is there, and queues for days', async (provider, operation, upload, hours) => {
    const hold = world.simulator.addFault({ kind: 'hold', operation, times: null } satisfies Fault);
    const begin = async (name: string) =>
      world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/${name}`, {
        source: await world.writeSource(`${provider}-${name}.wav`, makeWav(name.length * 5)),
      });
    const first = await begin('first');
    await eventually('the slot is taken', () =>
      world.simulator.calls({ operation }).some(({ state }) => state === 'open'),
    );
    const second = await begin('second');
    const queued = await eventually('the second upload is queued', async () =>
      (await readScheduled(second)).find(({ activity }) => activity === upload),
    );
    expect(queued.scheduleToCloseMs).toBeGreaterThan(30 * dayMs);
    world.simulator.release(hold);
    for (const handle of [first, second]) expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
    const [wait] = (await readScheduled(second)).filter(({ activity }) => activity === 'fetchJobStatus');
    const { deadlineAtMs } = wait?.input as FetchJobStatusInput;
    expect(deadlineAtMs - (wait?.scheduledAtMs ?? 0)).toBeGreaterThan(hours * 3_600_000 - 5000);
    expect(deadlineAtMs - (wait?.scheduledAtMs ?? 0)).toBeLessThanOrEqual(hours * 3_600_000);
  });
});
