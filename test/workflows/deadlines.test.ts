import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WorkflowHandle, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collectWithinMs } from '../../src/contract/deadlines.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { PipelineOutcome } from '../../src/contract/pipeline.ts';
import type { FetchJobStatusInput } from '../../src/activities/wait/wait.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { type Fault, type Operation, type SimulatedProvider, simulatedProviders } from '../../src/simulator/index.ts';
import { eventually } from '../setup/eventually.ts';
import { findFreePort } from '../../src/dev/free-port.ts';
import { readScheduled } from '../setup/scheduled-activities.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const deadlineMs = 4000;
const storeDeadlineMs = 6000;
const soonMs = 25_000;
const forEver = 600_000_000;
const dayMs = 24 * 3_600_000;

const providerOf = (operation: Operation) => operation.split('.')[0] as SimulatedProvider;

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

  it('ends the look at a source on a dead host, for every provider', async () => {
    const dead = `http://127.0.0.1:${String(await findFreePort())}/talk.wav`;
    const jobs = simulatedProviders.map((provider) => start(provider, 'dead-host', { source: dead, deadline: '4s' }));
    for (const handle of await Promise.all(jobs)) {
      expect(await endsLate(handle)).toMatch(/^The source could not be read.*ECONNREFUSED/);
    }
  });

  it('ends the look at a source whose host never answers', async () => {
    const handle = await start('slng', 'silent-host', { source: await startSilentHost(), deadline: '4 seconds' });
    expect(await endsLate(handle)).toMatch(/^The source could not be read/);
  });

  it.each<{ stage: string; operations: Operation[] }>([
    {
      stage: 'the first call to the provider',
      operations: ['tiro.create', 'slng.presign', 'soket.upload', 'twelvelabs.create-session'],
    },
    { stage: 'a later one', operations: ['tiro.upload-complete', 'slng.create'] },
  ])('ends a job of which $stage is refused with 503 all along, with the reason', async ({ stage, operations }) => {
    for (const operation of operations) {
      world.simulator.addFault({ kind: 'status', status: 503, operation, times: null });
    }
    const jobs = await Promise.all(operations.map((operation) => start(providerOf(operation), `refused in ${stage}`)));
    for (const handle of jobs) expect(await endsLate(handle)).toContain('503');
  });

  it('ends uploads that do not get through', async () => {
    const stores = ['tiro.storage-put', 'slng.storage-put', 'twelvelabs.part-put'] as const;
    const operations: Operation[] = [...stores, 'soket.upload'];
    for (const operation of operations) world.simulator.addFault({ kind: 'hold', operation, times: null });
    const jobs = await Promise.all(operations.map((operation) => start(providerOf(operation), 'held')));
    for (const handle of jobs) await endsLate(handle);
    // Soket has got every byte by then, and its answer is still given a while.
    const isOpen = (operation: Operation) => callsOf(operation).some(({ state }) => state === 'open');
    await eventually('nothing is sent any more', () => !stores.some(isOpen));
  });

  it('ends an upload to TwelveLabs whose storage asks for more time than is left, saying which chunk failed', async () => {
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

  it('ends the wait for a job with a last look, at every provider', async () => {
    for (const provider of simulatedProviders) world.simulator.setPlan(provider, { durationMs: forEver });
    for (const handle of await Promise.all(simulatedProviders.map((provider) => start(provider, 'wait')))) {
      expect(await endsLate(handle)).toMatch(/^The deadline has passed: /);
    }
  });

  it('bounds a job that a workflow starts as its child, with a time-out of the server behind it', async () => {
    const dead = `http://127.0.0.1:${String(await findFreePort())}/talk.wav`;
    const steps = [{ provider: 'tiro', options: { deadline: '4s' } }];
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

describe('the pause between two waves of an upload to TwelveLabs', () => {
  it('ends with the deadline, saying which chunk failed', async () => {
    const slow = await startWorld({ timeScale: 1, simulator: { chunkSizeBytes: 100_000 } });
    onTestFinished(() => slow.close());
    slow.simulator.setPlan('twelvelabs', { failedChunks: [{ index: 3, times: 1000, error: 'Checksum' }] });
    const input = { source: await slow.writeSource('talk.wav', makeWav(60)), deadline: deadlineMs };
    const handle = await slow.start('twelvelabsUpload', 'provider-job/twelvelabs/pause-between', input);
    const { type, message } = await failureOf(handle);
    expect({ type, message }).toMatchObject({
      type: 'DeadlineExceeded',
      message: expect.stringMatching(/^The deadline has passed: chunk 3: .*Checksum/) as string,
    });
  });
});

describe('jobs whose results cannot be stored before their deadline', () => {
  it('store them when they can', async () => {
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
    const input = { source, deadline: storeDeadlineMs };
    const jobs = await Promise.all(
      simulatedProviders.map((name) => world.start(lifecycleWorkflowTypes[name], `provider-job/${name}/store`, input)),
    );
    for (const [index, handle] of jobs.entries()) {
      const collect = await eventually('it collects', async () =>
        (await readScheduled(handle)).find(({ activity }) => activity.startsWith('collect')),
      );
      expect(collect.taskQueue).toBe(`provider-jobs-${simulatedProviders[index] ?? ''}-collect`);
      expect(collect.scheduleToCloseMs).toBeGreaterThanOrEqual(dayMs);
    }
    const startedMs = Math.max(
      ...(await Promise.all(jobs.map(async (job) => (await job.describe()).startTime.getTime()))),
    );
    await eventually('the deadlines have passed', () => Date.now() > startedMs + storeDeadlineMs);
    open();
    for (const handle of jobs) expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
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
    ['tiro', 'tiro.storage-put', 'uploadTiroFile', 1.2],
    ['slng', 'slng.storage-put', 'uploadSlngFile', 8.05],
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
