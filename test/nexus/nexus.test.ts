import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { providerNameAttribute } from '../../src/contract/search-attributes.ts';
import { createNexusEndpoint } from '../../src/dev/nexus-endpoint.ts';
import { ProviderJobs } from '../../src/index.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';
import type { Call, callTiro } from './callers.ts';

const endpoint = 'provider-jobs-of-a-test';
const taskQueue = 'callers';

/** The causes of an error, the outermost first. */
function causesOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

describe('the Nexus service', () => {
  let world: World;
  let callers: Client;
  let native: NativeConnection;
  let worker: Worker;
  let running: Promise<void>;
  let source: string;
  beforeAll(async () => {
    world = await startWorld();
    const { namespace, client } = world;
    expect(namespace).not.toBe('default');
    expect(
      await createNexusEndpoint(inject('temporalAddress'), endpoint, { namespace, taskQueue: 'provider-jobs' }),
    ).toBe(true);
    callers = new Client({ connection: client.connection, namespace: 'default' });
    native = await NativeConnection.connect({ address: inject('temporalAddress') });
    const workflowsPath = fileURLToPath(new URL('./callers.ts', import.meta.url));
    worker = await Worker.create({ connection: native, namespace: 'default', taskQueue, workflowsPath });
    running = worker.run();
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(async () => {
    worker.shutdown();
    await running;
    await native.close();
    await world.close();
  });

  const call = (workflowId: string, options: { key?: string; input?: object; priorty?: number } = {}) =>
    callers.workflow.start<typeof callTiro>('callTiro', {
      taskQueue,
      workflowId,
      args: [{ endpoint, input: { source }, ...options } as Call],
    });
  const forEver = () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, times: null });
  };
  const runOf = async (workflowId: string) => (await world.client.workflow.getHandle(workflowId).describe()).runId;

  it('starts a job for a workflow in another namespace, and ends with its outcome', async () => {
    const outcome = await (await call('nexus-new', { key: 'talk 1' })).result();
    expect(outcome).toMatchObject({ workflowId: 'provider-job/tiro/talk%201', phase: 'succeeded', failure: null });
    expect(outcome.artifacts.length).toBeGreaterThan(0);
    const described = await world.client.workflow.getHandle(outcome.workflowId).describe();
    expect(described.typedSearchAttributes.get(providerNameAttribute)).toBe('tiro');
    expect(await described.staticSummary()).toBe('Tiro: talk.wav');
  });

  it('gives the job that has succeeded under the key, whoever started it, without another', async () => {
    const job = await new ProviderJobs(world.client).start('tiro', { source }, { key: 'done' });
    await job.result();
    expect(await (await call('nexus-done', { key: 'done' })).result()).toMatchObject({ runId: job.runId });
    expect(await runOf(job.workflowId)).toBe(job.runId);
  });

  it('joins a job that runs, which goes on when the one who joined is cancelled', async () => {
    forEver();
    const jobs = new ProviderJobs(world.client);
    const job = await jobs.start('tiro', { source }, { key: 'shared' });
    await eventually('it has a job', async () => (await job.snapshot()).jobId);
    const callsJoined = async (workflowId: string) => {
      const caller = await call(workflowId, { key: 'shared', input: { source, credential: 'default' } });
      await eventually('the operation has begun', async () =>
        (await caller.fetchHistory()).events?.some((event) => event.nexusOperationStartedEventAttributes != null),
      );
      return caller;
    };
    const [one, other] = [await callsJoined('nexus-joins'), await callsJoined('nexus-leaves')];
    await other.cancel();
    await expect(other.result()).rejects.toThrow();
    expect((await job.snapshot()).workflowStatus).toBe('RUNNING');
    await job.cancel();
    const error: unknown = await one.result().catch((reason: unknown) => reason);
    expect(causesOf(error).map(({ name }) => name)).toContain('CancelledFailure');
  });

  it('cancels the job that it started when its caller is cancelled', async () => {
    forEver();
    const caller = await call('nexus-cancelled', { key: 'own' });
    const { workflowId } = new ProviderJobs(world.client).handle('provider-job/tiro/own');
    const statusOf = async () =>
      (
        await world.client.workflow
          .getHandle(workflowId)
          .describe()
          .catch(() => null)
      )?.status.name;
    await eventually('the job runs', async () => (await statusOf()) === 'RUNNING');
    await eventually('the operation has begun', async () =>
      (await caller.fetchHistory()).events?.some((event) => event.nexusOperationStartedEventAttributes != null),
    );
    await caller.cancel();
    await eventually('the job is cancelled', async () => (await statusOf()) === 'CANCELLED');
  });

  it.each([
    [
      'an input that is not valid',
      'nexus-invalid',
      { input: { source: 'talk.wav', speed: 2 } },
      'InvalidInput',
      /speed: no such option/,
    ],
    ['a field that is none of its own', 'nexus-field', { priorty: 1 }, 'InvalidInput', /priorty: no such option/],
    [
      'a key that has other input',
      'nexus-key',
      { key: 'taken', input: { source: 'file:///other.wav' } },
      'KeyInUse',
      /source differs/,
    ],
  ])('refuses %s, at once and naming the field', async (_, workflowId, options, type, words) => {
    await (await new ProviderJobs(world.client).start('tiro', { source }, { key: 'taken' })).result();
    const error: unknown = await (await call(workflowId, options)).result().catch((reason: unknown) => reason);
    const causes = causesOf(error);
    expect(causes.map((cause) => ('type' in cause ? cause.type : null))).toContain(type);
    expect(causes.map(({ message }) => message).join('\n')).toMatch(words);
  });

  it('fails with the failure of its job, and starts a new one the next time', async () => {
    world.simulator.addFault({ kind: 'status', operation: 'tiro.create', status: 422, times: null });
    const error: unknown = await (
      await call('nexus-fails', { key: 'again' })
    )
      .result()
      .catch((reason: unknown) => reason);
    const failure = causesOf(error).find((cause) => 'type' in cause && cause.type === 'RequestRejected');
    expect(failure).toMatchObject({ details: [{ provider: 'tiro', jobId: null }] });
    world.simulator.clearFaults();
    expect(await (await call('nexus-again', { key: 'again' })).result()).toMatchObject({ phase: 'succeeded' });
  });

  it('has a job of its own for each operation without a key', async () => {
    const [one, other] = await Promise.all([call('nexus-one'), call('nexus-other')]);
    expect((await one.result()).workflowId).not.toBe((await other.result()).workflowId);
  });
});
