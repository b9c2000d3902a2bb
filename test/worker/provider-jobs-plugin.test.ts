import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import {
  type BundleOptions,
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { findFailureConverter } from '../../src/encryption/data-converter.ts';
import type { LifecycleProvider } from '../../src/index.ts';
import { ProviderJobsPlugin, type ProviderJobsPluginOptions } from '../../src/worker.ts';
import { makeKey } from '../encryption/encrypted-world.ts';
import { readRecordedText } from '../setup/recorded-text.ts';
import { makeWav } from '../setup/wav.ts';
import { logLines, startWorld, type World } from '../setup/world.ts';

const workflowsPath = fileURLToPath(new URL('../fixtures/own-workflows/index.ts', import.meta.url));
const noKeys = { SOKET_API_KEY: '', TWELVELABS_API_KEY: '', TIRO_API_KEY: '', SLNG_API_KEY: '' };

describe('ProviderJobsPlugin', () => {
  let world: World;
  let source: string;
  let workflowBundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
    world = await startWorld({ startWorker: false, environment: noKeys });
    source = await world.writeSource('talk.wav', makeWav(30));
  });
  afterAll(() => world.close());

  /** Keys come from nowhere but the resolver. */
  const createPlugin = (environment: Record<string, string> = {}, options: Partial<ProviderJobsPluginOptions> = {}) =>
    new ProviderJobsPlugin({
      config: readConfig({ ...world.environment, ...environment }, { keysElsewhere: true }),
      resolveCredential: (provider) => Promise.resolve(world.simulator.keys[provider][0] ?? ''),
      workflowCode: { workflowBundle: { codePath: inject('workflowBundlePath') } },
      ...options,
    });
  const connect = (...plugins: ProviderJobsPlugin[]) =>
    NativeConnection.connect({ address: inject('temporalAddress'), plugins });
  const createWorker = (connection: NativeConnection, options: Partial<WorkerOptions> = {}) =>
    Worker.create({ connection, namespace: world.namespace, taskQueue: 'own', workflowBundle, ...options });
  const starts = () => logLines.filter((line) => line.includes('Provider jobs run beside this worker')).length;

  it("does the jobs of the user's workflows beside their worker, of every provider, and drains with it", async () => {
    const connection = await connect();
    const own = await createWorker(connection, { plugins: [createPlugin()] });
    const run = own.run();
    const { workflow } = world.client;
    const phase = workflow.execute('ownParent', { taskQueue: 'own', workflowId: 'own', args: [source] });
    expect(await Promise.race([phase, run])).toBe('succeeded');
    const providers: LifecycleProvider[] = ['soket', 'slng'];
    const steps = providers.map((provider) => ({ provider }));
    const pipeline = await world.start('mediaPipeline', 'plugin-pipeline', { source, steps, strategy: 'all' });
    expect(await pipeline.result()).toMatchObject({ succeeded: true });
    own.shutdown();
    await run;
    // Refused while one worker still holds on to it.
    await connection.close();
  });

  it("is shared by the workers of a connection, and gives the jobs' own workers none", async () => {
    const connection = await connect(createPlugin());
    const before = starts();
    const first = await createWorker(connection);
    const second = await createWorker(connection, { taskQueue: 'own-too' });
    const runs = [first.run(), second.run()];
    const { workflow } = world.client;
    const run = (workflowId: string, taskQueue: string) =>
      workflow.execute('ownParent', { taskQueue, workflowId, args: [source] });
    expect(await run('shared-1', 'own')).toBe('succeeded');
    first.shutdown();
    await runs[0];
    expect(await run('shared-2', 'own-too')).toBe('succeeded');
    expect(starts() - before).toBe(1);
    second.shutdown();
    await Promise.all(runs);
    await connection.close();
  });

  it('ends the worker with the reason where the jobs cannot start', async () => {
    const connection = await connect();
    const plugin = createPlugin({}, { sources: { 'file:': () => Promise.reject(new Error('unused')) } });
    const own = await createWorker(connection, { plugins: [plugin] });
    await expect(own.run()).rejects.toThrow('file:');
    await connection.close();
  });

  it('encrypts what the worker and its clients say, after codecs of their own, which the jobs have too', async () => {
    const mark = Buffer.from('marked');
    const marking: PayloadCodec = {
      encode: (payloads) =>
        Promise.resolve(payloads.map((each) => ({ ...each, metadata: { ...each.metadata, mark } }))),
      decode: (payloads) => {
        for (const { metadata } of payloads) expect(Buffer.from(metadata?.['mark'] ?? [])).toEqual(mark);
        return Promise.resolve(payloads);
      },
    };
    const dataConverter = { payloadCodecs: [marking] };
    const plugin = createPlugin({ PROVIDER_JOBS_ENCRYPTION_KEYS: makeKey('2026-01') });
    const connection = await connect();
    const own = await createWorker(connection, { plugins: [plugin], dataConverter });
    expect(own.options.dataConverter?.failureConverterPath).toBe(findFailureConverter());
    const run = own.run();
    const { connection: ofClient } = world.client;
    const client = new Client({
      ...{ connection: ofClient, namespace: world.namespace, plugins: [plugin], dataConverter },
    });
    const args = [source];
    const workflowId = 'sealed';
    const phase = client.workflow.execute('ownParent', { taskQueue: 'own', workflowId, args });
    expect(await Promise.race([phase, run])).toBe('succeeded');
    const child = `provider-job/tiro/${workflowId}.tiro`;
    for (const id of [workflowId, child]) expect(await readRecordedText(world.client, id)).not.toContain('talk.wav');
    own.shutdown();
    await run;
    await connection.close();
  });

  it("sets the bundler's failure converter with encryption, and only then", () => {
    const bundler: BundleOptions = { workflowsPath };
    const key = { PROVIDER_JOBS_ENCRYPTION_KEYS: makeKey('2026-01') };
    expect(createPlugin(key).configureBundler(bundler).failureConverterPath).toBe(findFailureConverter());
    expect(createPlugin().configureBundler(bundler).failureConverterPath).toBeUndefined();
    const own = { ...bundler, failureConverterPath: '/own.js' };
    expect(createPlugin(key).configureBundler(own).failureConverterPath).toBe('/own.js');
  });

  it("refuses a worker without a connection, on the jobs' queue, or in a second namespace", async () => {
    const plugin = createPlugin();
    await expect(Worker.create({ taskQueue: 'own', workflowBundle, plugins: [plugin] })).rejects.toThrow('connection');
    const connection = await connect(plugin);
    await expect(createWorker(connection, { taskQueue: 'provider-jobs' })).rejects.toThrow('PROVIDER_JOBS_TASK_QUEUE');
    const own = await createWorker(connection);
    const stranger = await createWorker(connection, { namespace: 'default' });
    const run = own.run();
    await expect(stranger.run()).rejects.toThrow('a worker of default needs one of its own');
    own.shutdown();
    await run;
    // A worker that never ran still holds on to the connection: what was said is all there is to close.
  });
});
