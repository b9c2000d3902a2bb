import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { expect, inject } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { createDataConverter } from '../../src/encryption/data-converter.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { startWorker, type RunningWorker, type StartWorkerOptions } from '../../src/worker.ts';
import { canaryKeys, refuseCanaries, refuseCanariesBelow } from './canaries.ts';
import { namespaceOf } from './namespaces.ts';
import { StartedJobs } from './started-jobs.ts';

/** How a test's world differs from the usual one. */
export interface WorldOptions {
  /** Default 100: a minute of a provider's time is 0.6 s. */
  timeScale?: number;
  simulator?: Partial<SimulatorOptions>;
  /** More variables for the worker's configuration. */
  environment?: Record<string, string>;
  worker?: Partial<StartWorkerOptions>;
  /** Default: the namespace of the calling test file. */
  namespace?: string;
  /** Default: the suite's server. */
  temporalAddress?: string;
  /** False starts no worker in this process. */
  startWorker?: boolean;
}

/** The suite's Temporal server, a simulator and a worker that serves every queue, in a namespace of this file's own. */
export interface World {
  simulator: Simulator;
  client: Client;
  namespace: string;
  /** A scratch folder; removed with the world. */
  folder: string;
  resultsDirectory: string;
  /** What a worker of this world reads; for workers in other processes. */
  environment: Record<string, string>;
  config: Config;
  worker: RunningWorker | null;
  startWorker(options?: Partial<StartWorkerOptions>): Promise<RunningWorker>;
  /** Starts a workflow by type on the main queue; ids are made unique by the caller, and the results looked at in the end. */
  start(workflowType: string, workflowId: string, input: unknown): Promise<WorkflowHandle>;
  /** Writes a file, also below folders, and gives its `file:` URI. */
  writeSource(name: string, content: Uint8Array | string): Promise<string>;
  close(): Promise<void>;
}

async function stopWorkers(workers: RunningWorker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop().catch(() => undefined)));
}

/** Everything that worker and SDK have logged in this process, a line of JSON each. */
export const logLines: string[] = [];

function toLine(entry: object): string {
  try {
    return JSON.stringify(entry, (_key, value: unknown) => (value instanceof Error ? value.stack : value));
  } catch {
    // Plugins, which the SDK logs with its options, may go round in a circle.
    return JSON.stringify({ entry: inspect(entry, { depth: 8 }) });
  }
}

Runtime.install({
  logger: new DefaultLogger('DEBUG', ({ level, message, meta }) => {
    logLines.push(toLine({ level, message, ...meta }));
    if (level === 'ERROR') console.error(message, meta);
  }),
});

/** Makes a world for the calling test file. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { timeScale = 100 } = options;
  const namespace = options.namespace ?? namespaceOf(expect.getState().testPath ?? '');
  const address = options.temporalAddress ?? inject('temporalAddress');
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-world-'));
  const simulator = await startSimulator({ timeScale, keys: canaryKeys(), ...options.simulator });
  const environment: Record<string, string> = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    PROVIDER_JOBS_TIME_SCALE: String(timeScale),
    PROVIDER_JOBS_RESULTS: join(folder, 'results'),
    PROVIDER_JOBS_SHUTDOWN_GRACE: '2s',
    ...Object.fromEntries(
      Object.entries(simulator.baseUrls).map(([name, url]) => [`${name.toUpperCase()}_BASE_URL`, url]),
    ),
    ...Object.fromEntries(
      Object.entries(simulator.keys).map(([name, keys]) => [`${name.toUpperCase()}_API_KEY`, keys[0] ?? '']),
    ),
    ...options.environment,
  };
  const config = readConfig(environment);
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter: createDataConverter(config.encryptionKeys) });
  const workers: RunningWorker[] = [];
  const started = new StartedJobs(client);
  const world: World = {
    simulator,
    client,
    namespace,
    folder,
    resultsDirectory: config.resultsDirectory,
    environment,
    config,
    worker: null,
    async startWorker(more = {}) {
      const worker = await startWorker({
        config,
        connection: native,
        namespace,
        workflowCode: { workflowBundle: { codePath: inject('workflowBundlePath') } },
        ...options.worker,
        ...more,
      });
      // A worker that dies fails the test that waits for it, not the process.
      worker.finished.catch(() => undefined);
      workers.push(worker);
      return worker;
    },
    async start(workflowType, workflowId, input) {
      await started.note(workflowId, input);
      return client.workflow.start(workflowType, { taskQueue: 'provider-jobs', workflowId, args: [input] });
    },
    async writeSource(name, content) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return pathToFileURL(path).href;
    },
    async close() {
      const strays = await started.findForeignResults();
      await stopWorkers(workers);
      await simulator.close();
      await connection.close();
      await native.close();
      refuseCanaries('the log', logLines.join('\n'));
      if (existsSync(config.resultsDirectory)) await refuseCanariesBelow(config.resultsDirectory);
      await rm(folder, { recursive: true, force: true });
      expect(strays, 'results that are of another source').toEqual([]);
    },
  };
  if (options.startWorker !== false) world.worker = await world.startWorker();
  return world;
}
