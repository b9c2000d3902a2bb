import { NativeConnection } from '@temporalio/worker';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
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
      'provider-jobs-tiro',
      'provider-jobs-tiro-transfer',
    ]);
  });

  it('runs only the roles that are named', async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_ROLES: 'tiro-transfer' } });
    expect(world.worker?.taskQueues).toEqual(['provider-jobs-tiro-transfer']);
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
