import { SimplePlugin } from '@temporalio/plugin';
import { DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readConfig, type ReadConfigOptions } from '../../src/config/config.ts';
import { ProviderJobs } from '../../src/index.ts';
import { bundleProviderJobsWorkflows, providerJobsWorkerOptions, type Role, startWorker } from '../../src/worker.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const workflowInterceptors = new URL('../fixtures/own-workflows/index.ts', import.meta.url).pathname;

describe('for teams with a process model of their own', () => {
  let world: World;
  let connection: NativeConnection;
  beforeAll(async () => {
    world = await startWorld({ startWorker: false });
    connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  });
  afterAll(async () => {
    await connection.close();
    await world.close();
  });

  const prepare = (roles: Role | Role[], environment = {}, options: ReadConfigOptions = {}) =>
    providerJobsWorkerOptions(roles, {
      ...{ config: readConfig({ ...world.environment, ...environment }, options), connection },
      namespace: world.namespace,
      workflowCode: { workflowBundle: { codePath: inject('workflowBundlePath') } },
    });

  it('gives the options of workers, which do a job when they are made and run', async () => {
    const { workers, close } = await prepare(['workflows', 'tiro', 'tiro-transfer', 'tiro']);
    expect(workers.map(({ taskQueue }) => taskQueue)).toEqual([
      'provider-jobs',
      'provider-jobs-tiro',
      'provider-jobs-tiro-transfer',
      'provider-jobs-tiro-collect',
    ]);
    const made = await Promise.all(workers.map((options) => Worker.create(options)));
    const runs = made.map((worker) => worker.run());
    const source = await world.writeSource('talk.wav', makeWav(30));
    const job = await new ProviderJobs(world.client).start('tiro', { source }, { key: 'own-process' });
    const result = await Promise.race([job.result(), Promise.race(runs).then(() => null)]);
    expect(result).toMatchObject({ phase: 'succeeded' });
    for (const worker of made) worker.shutdown();
    await Promise.all(runs);
    await close();
  });

  it('refuses what is no role, and one whose provider has no key', async () => {
    await expect(prepare('transfer' as Role)).rejects.toThrow('roles: "transfer" is none; expected some of workflows,');
    await expect(prepare('slng-transfer', { SLNG_API_KEY: '' })).rejects.toThrow('set SLNG_API_KEY');
  });

  it('refuses a configuration whose keys are elsewhere, where nothing says where', async () => {
    const config = readConfig({}, { keysElsewhere: true });
    const started = startWorker({ config, connection, namespace: world.namespace });
    await expect(started).rejects.toThrow('resolveCredential: not given');
  });

  it('bundles the workflow code with the interceptors of plugins, and with what encryption needs', async () => {
    const plugin = new SimplePlugin({ name: 'own', workerInterceptors: { workflowModules: [workflowInterceptors] } });
    const logger = new DefaultLogger('WARN');
    const { code } = await bundleProviderJobsWorkflows({ plugins: [plugin], encrypts: true, logger });
    expect(code).toContain('./src/workflows/media-pipeline.ts');
    expect(code).toContain('./test/fixtures/own-workflows/index.ts');
    expect(code).toContain('./src/encryption/failure-converter.ts');
  });
});
