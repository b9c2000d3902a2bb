import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { temporal } from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { startWorker } from '../../src/worker.ts';
import { findWorkflowCode } from '../../src/worker/workflow-bundle.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorld, type World } from '../setup/world.ts';

async function readyStatus(port: number | null): Promise<number> {
  return (await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status;
}

describe('a worker', () => {
  let world: World | null = null;
  afterEach(async () => {
    await world?.close();
    world = null;
  });

  it('serves the queues of its roles, and those of no provider without a key', async () => {
    world = await startWorld({ environment: { SOKET_API_KEY: '', SLNG_API_KEY: '' } });
    expect(world.config.keyless).toEqual(['soket', 'slng']);
    expect(world.worker?.taskQueues).toEqual([
      'provider-jobs',
      'provider-jobs-twelvelabs',
      'provider-jobs-twelvelabs-transfer',
      'provider-jobs-twelvelabs-collect',
      'provider-jobs-tiro',
      'provider-jobs-tiro-transfer',
      'provider-jobs-tiro-collect',
    ]);
  });

  it('runs only the roles that are named', async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_ROLES: 'tiro-transfer' } });
    expect(world.worker?.taskQueues).toEqual(['provider-jobs-tiro-transfer', 'provider-jobs-tiro-collect']);
  });

  it('says that it is ready, and is gone when it was stopped', async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_HEALTH_PORT: '0' } });
    const { worker } = world;
    const port = worker?.healthPort ?? null;
    await eventually('it is ready', async () => (await readyStatus(port)) === 200);
    await worker?.stop();
    await expect(readyStatus(port)).rejects.toThrow();
    await expect(worker?.finished).resolves.toBeUndefined();
  });

  it('leaves nothing behind where the port for its health is taken', async () => {
    const taken = createServer().listen(0, '0.0.0.0');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    onTestFinished(() => void taken.close());
    world = await startWorld({ startWorker: false });
    const config = readConfig({ PROVIDER_JOBS_HEALTH_PORT: String(port) });
    await expect(world.startWorker({ config })).rejects.toThrow('EADDRINUSE');
    // The connection would not close while a worker holds on to it.
    await expect(world.close()).resolves.toBeUndefined();
    world = null;
  });

  it('has the server keep the published rate of all its keys together', async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_TIME_SCALE: '1', TIRO_API_KEY__ACME: 'acme.key' } });
    const { client, namespace } = world;
    const rateOf = async (taskQueue: string) => {
      const taskQueueType = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY;
      const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType, reportConfig: true };
      const { effectiveRateLimit } = await client.workflowService.describeTaskQueue(request);
      return effectiveRateLimit?.requestsPerSecond ?? 0;
    };
    // Of ten a second for each key, a twentieth is kept for what goes at once.
    await eventually('the queue has its rate', async () => Math.abs((await rateOf('provider-jobs-tiro')) - 19) < 0.01);
  });

  it('is not ready within 10 s of losing Temporal', async () => {
    const server = await startTemporalServer({
      ...{ env: process.env, temporalCliPath: process.env['TEMPORAL_CLI_PATH'], ui: false },
    });
    const connection = await NativeConnection.connect({ address: server.address });
    const worker = await startWorker({
      config: readConfig({ PROVIDER_JOBS_HEALTH_PORT: '0', PROVIDER_JOBS_SHUTDOWN_GRACE: '1s' }),
      connection,
      namespace: server.namespace,
      workflowCode: { workflowBundle: { codePath: inject('workflowBundlePath') } },
    });
    worker.finished.catch(() => undefined);
    await eventually('it is ready', async () => (await readyStatus(worker.healthPort)) === 200);
    await server.close();
    const lostAt = Date.now();
    await eventually('it is not ready', async () => (await readyStatus(worker.healthPort)) === 503, 15_000);
    expect(Date.now() - lostAt).toBeLessThan(10_000);
    await worker.stop().catch(() => undefined);
    await connection.close();
  });

  it('takes its workflow code from the sources in a checkout', () => {
    expect(findWorkflowCode()).toEqual({
      workflowsPath: expect.stringMatching(/\/src\/workflows\/index\.ts$/) as string,
    });
  });
});
