import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { createActivities } from '../../src/activities/create-activities.ts';
import { createProviderAgents, type ProviderAgents } from '../../src/http/agents.ts';
import { createProviderConnection } from '../../src/providers/connection/provider-connection.ts';
import { providers } from '../../src/providers/registry.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import {
  callsTaskQueue,
  collectsTaskQueue,
  defaultTaskQueue,
  transfersTaskQueue,
} from '../../src/contract/task-queues.ts';
import { inspectSource } from '../../src/upload/inspect-source.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { registerSearchAttributes } from '../../src/worker/search-attribute-registration.ts';
import { canaryKeys } from '../setup/canaries.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';
import type { RunCell } from './matrix.ts';
import { makeNeighbour } from './neighbour.ts';
import type { Course } from './stage.ts';
import { type Elsewhere, openElsewhere, strikeOnWire } from './wire-faults.ts';
import { LookPlanner } from '../../src/polling/look-planner.ts';

const timeScale = 1000;
const chunkSizeBytes = 4096;

/** A cell that can be run. */
export interface OpenCell {
  simulator: Simulator;
  credential: string;
  /** A file like that of every other cell, of other content. */
  source: string;
  /** Jobs of the neighbour at the provider. */
  neighbours: number;
  close: () => Promise<void>;
}

/** A worker for one lifecycle to which every credential is another provider: each cell has a simulator of its own. */
export interface FaultWorld {
  world: World;
  /**
   * Starts a simulator that the cell's fault strikes, under a credential of its own. It already has the job of a neighbour
   * whose file has the name and the size of the cell's.
   */
  open(cell: RunCell): Promise<OpenCell>;
  close(): Promise<void>;
}

function setPlans(simulator: Simulator): void {
  simulator.setPlan('tiro', { durationMs: 5000, jobs: null });
  simulator.setPlan('slng', { durationMs: 5000, jobs: null });
  simulator.setPlan('soket', { uploadDurationMs: 5000, durationMs: 5000, jobs: null });
  // The session is put together slowly enough to be waited for, the asset is ready at the first look.
  simulator.setPlan('twelvelabs', { assembleMs: 200_000, durationMs: 0, jobs: null });
}

function strike({ row, stage }: RunCell, simulator: Simulator, agents: ProviderAgents, elsewhere: Elsewhere) {
  if ('fault' in row.strike) {
    simulator.addFault(row.strike.fault({ operation: stage.operation, skip: stage.skip ?? 0 }));
    return agents;
  }
  const { wire: kind, times } = row.strike;
  const { method, path, skipOnWire = 0 } = stage;
  const interceptor = strikeOnWire({ kind, times, method, path, skip: skipOnWire }, elsewhere);
  return { ...agents, calls: agents.calls.compose(interceptor), transfers: agents.transfers.compose(interceptor) };
}

type Connections = Map<string, { simulator: Simulator; agents: ProviderAgents }>;

async function runWorkers(world: World, native: NativeConnection, provider: Course['provider'], cells: Connections) {
  const activities = createActivities({
    connect: (name, credential = '') => {
      const cell = cells.get(credential);
      if (cell === undefined) throw new Error(`no cell has the credential ${credential}`);
      const { simulator, agents } = cell;
      const key = simulator.keys[provider][0] ?? '';
      const baseUrl = simulator.baseUrls[provider];
      return Promise.resolve(createProviderConnection({ provider: providers[name], baseUrl, key, agents }));
    },
    inspectSource: (uri, signal) => inspectSource(uri, { signal }),
    openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
    results: createDirectoryResultStore(world.resultsDirectory),
    timeScale,
    random: Math.random,
    looks: new LookPlanner({ timeScale, random: Math.random }),
  });
  const shared = { connection: native, namespace: world.namespace, maxHeartbeatThrottleInterval: '1s' } as const;
  const workflowBundle = { codePath: inject('workflowBundlePath') };
  const { calls, transfers } = activities.providers[provider];
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: defaultTaskQueue, activities: activities.main, workflowBundle }),
    Worker.create({ ...shared, taskQueue: callsTaskQueue(defaultTaskQueue, provider), activities: calls }),
    Worker.create({ ...shared, taskQueue: transfersTaskQueue(defaultTaskQueue, provider), activities: transfers }),
    Worker.create({ ...shared, taskQueue: collectsTaskQueue(defaultTaskQueue, provider), activities: transfers }),
  ]);
  const runs = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
  };
}

/** Makes the world of one lifecycle's cells, for the calling test file. */
export async function startFaultWorld(course: Course): Promise<FaultWorld> {
  const world = await startWorld({ startWorker: false, timeScale });
  const native = await NativeConnection.connect({ address: inject('temporalAddress') });
  await registerSearchAttributes(native, world.namespace);
  const elsewhere = await openElsewhere();
  const cells: Connections = new Map();
  const stop = await runWorkers(world, native, course.provider, cells);
  const name = course.provider === 'twelvelabs' ? 'clip.mp4' : 'talk.wav';
  const mediaOfCell = (index: number) => makeWav(1, index).subarray(0, 2 * chunkSizeBytes + 9);
  return {
    world,
    async open(cell) {
      const simulator = await startSimulator({ timeScale, chunkSizeBytes, keys: canaryKeys() });
      setPlans(simulator);
      await makeNeighbour(simulator, course.provider, { name, content: mediaOfCell(cells.size + 1_000_000) });
      const neighbours = simulator.counters().jobsCreated[course.provider];
      const agents = createProviderAgents();
      const credential = `cell-${String(cells.size)}`;
      const content = mediaOfCell(cells.size);
      cells.set(credential, { simulator, agents: strike(cell, simulator, agents, elsewhere) });
      const source = await world.writeSource(`${credential}/${name}`, content);
      const close = async () => {
        await agents.close();
        await simulator.close();
      };
      return { simulator, credential, source, neighbours, close };
    },
    async close() {
      await stop();
      await native.close();
      await elsewhere.close();
      await world.close();
    },
  };
}
