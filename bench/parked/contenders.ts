import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Queue } from 'bullmq';
import { ProviderJobs } from '../../src/client.ts';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { findFreePort } from '../../src/dev/free-port.ts';
import { startChild } from '../processes/child.ts';
import type { Started } from '../processes/clean-up.ts';
import { folderMiB } from '../processes/meter.ts';
import { startOurWorker } from '../processes/our-worker.ts';
import type { SimulatorProcess } from '../processes/simulator.ts';
import { postgresMiB, startPostgres, startRedis, startRestate } from './servers.ts';

/** What a contender parks jobs with. */
export interface ParkingStage {
  folder: string;
  simulator: SimulatorProcess;
  /** How often those ask who are told how often to ask. */
  intervalMs: number;
  started: Started;
}

/** A worker and its server, idle until jobs are parked. */
export interface Parking {
  workerPid: number;
  serverPid: number;
  park(assetIds: string[]): Promise<void>;
  /** What the jobs' store takes on the disk, in MiB. */
  storedMiB(): Promise<number>;
  /** Events in the history of one of the jobs, where it has one. */
  historyEvents?(): Promise<number>;
}

/** One way to wait for many jobs. */
export interface ParkedContender {
  name: string;
  start(stage: ParkingStage): Promise<Parking>;
}

const atOnce = 50;

/** Does something for each, a bounded number at once. */
export async function forEachOf<T>(things: readonly T[], act: (thing: T) => Promise<unknown>): Promise<void> {
  const left = things.values();
  const one = async () => {
    for (const thing of left) await act(thing);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

function workerEnvironment({ simulator, intervalMs }: ParkingStage, more: object): NodeJS.ProcessEnv {
  const target = { baseUrl: simulator.baseUrls.twelvelabs, key: simulator.keys.twelvelabs[0] };
  return { PARKED_WORKER: JSON.stringify({ ...target, intervalMs, ...more }), RESTATE_LOGGING: 'ERROR' };
}

async function startWorkerFile(stage: ParkingStage, file: string, more: object) {
  const child = await startChild(new URL(file, import.meta.url), workerEnvironment(stage, more));
  return stage.started.add(child, (it) => it.kill());
}

async function startTemporal({ folder, started }: ParkingStage) {
  const files = join(folder, 'temporal');
  await mkdir(files, { recursive: true });
  const dbFilename = join(files, 'temporal.db');
  const server = started.add(await startTemporalServer({ env: process.env, ui: false, dbFilename }), (it) =>
    it.close(),
  );
  const connection = started.add(await Connection.connect({ address: server.address }), (it) => it.close());
  const client = new Client({ connection });
  return { address: server.address, serverPid: server.pid ?? 0, client, storedMiB: () => folderMiB(files) };
}

async function eventsOf(client: Client, workflowId: string): Promise<number> {
  return (await client.workflow.getHandle(workflowId).describe()).historyLength;
}

const ours: ParkedContender = {
  name: 'ours',
  async start(stage) {
    const { address, client, ...server } = await startTemporal(stage);
    const worker = await startOurWorker({
      TMPDIR: stage.folder,
      TEMPORAL_ADDRESS: address,
      TWELVELABS_BASE_URL: stage.simulator.baseUrls.twelvelabs,
      TWELVELABS_API_KEY: stage.simulator.keys.twelvelabs[0],
      PROVIDER_JOBS_RESULTS: join(stage.folder, 'results'),
    });
    stage.started.add(worker, (it) => it.kill());
    const jobs = new ProviderJobs(client);
    const first = { workflowId: '' };
    return {
      ...server,
      workerPid: worker.pid,
      park: (assetIds) =>
        forEachOf(assetIds, async (assetId) => {
          ({ workflowId: first.workflowId } = await jobs.track('twelvelabs.asset', assetId));
        }),
      historyEvents: () => eventsOf(client, first.workflowId),
    };
  },
};

function timerLoop(name: string, maxCachedWorkflows: number | null): ParkedContender {
  return {
    name,
    async start(stage) {
      const { address, client, ...server } = await startTemporal(stage);
      const taskQueue = 'timer-loop';
      const worker = await startWorkerFile(stage, './timer-loop-worker.ts', { address, taskQueue, maxCachedWorkflows });
      const { intervalMs } = stage;
      const idOf = (assetId: string) => `timer-loop/${assetId}`;
      const first = { workflowId: '' };
      return {
        ...server,
        workerPid: worker.pid,
        park: (assetIds) =>
          forEachOf(assetIds, async (assetId) => {
            first.workflowId = idOf(assetId);
            const args = [{ assetId, intervalMs }];
            await client.workflow.start('timerLoop', { taskQueue, workflowId: first.workflowId, args });
          }),
        historyEvents: () => eventsOf(client, first.workflowId),
      };
    },
  };
}

function dbos(name: string, inQueue: boolean): ParkedContender {
  return {
    name,
    async start(stage) {
      const server = stage.started.add(await startPostgres(join(stage.folder, 'postgres')), (it) => it.stop());
      const worker = await startWorkerFile(stage, './dbos-worker.ts', { databaseUrl: server.url, inQueue });
      return {
        workerPid: worker.pid,
        serverPid: server.pid,
        park: async (assetIds) => {
          await worker.ask('park', assetIds);
        },
        storedMiB: () => postgresMiB(server),
      };
    },
  };
}

function bullmq(name: string, concurrency: number | null): ParkedContender {
  return {
    name,
    async start(stage) {
      const files = join(stage.folder, 'redis');
      const server = stage.started.add(await startRedis(files), (it) => it.stop());
      const worker = await startWorkerFile(stage, './bullmq-worker.ts', {
        port: server.port,
        queue: 'parked',
        concurrency,
      });
      const queue = new Queue('parked', { connection: { host: '127.0.0.1', port: server.port } });
      stage.started.add(queue, (it) => it.close());
      return {
        workerPid: worker.pid,
        serverPid: server.pid,
        park: async (assetIds) => {
          await queue.addBulk(assetIds.map((assetId) => ({ name: 'follow', data: { assetId } })));
        },
        storedMiB: () => folderMiB(files),
      };
    },
  };
}

function restate(name: string, handler: 'loop' | 'poll'): ParkedContender {
  return {
    name,
    async start(stage) {
      const files = join(stage.folder, 'restate');
      const server = stage.started.add(await startRestate(files), (it) => it.stop());
      const port = await findFreePort();
      const worker = await startWorkerFile(stage, './restate-worker.ts', { port });
      const post = async (url: string, body: unknown) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
        if (!answer.ok) throw new Error(`Restate answered ${String(answer.status)}: ${await answer.text()}`);
        await answer.arrayBuffer();
      };
      await post(`http://127.0.0.1:${String(server.adminPort)}/deployments`, {
        uri: `http://127.0.0.1:${String(port)}`,
      });
      const url = `http://127.0.0.1:${String(server.port)}/parked/${handler}/send`;
      return {
        workerPid: worker.pid,
        serverPid: server.pid,
        park: (assetIds) => forEachOf(assetIds, (assetId) => post(url, assetId)),
        storedMiB: () => folderMiB(files),
      };
    },
  };
}

/** All contenders, in the order of the page. */
export const parkedContenders: readonly ParkedContender[] = [
  ours,
  timerLoop('timer loop', null),
  timerLoop('timer loop, cache of 50', 50),
  dbos('DBOS', false),
  dbos('DBOS, delayed queue', true),
  bullmq('BullMQ', null),
  bullmq('BullMQ, concurrency 50', 50),
  restate('Restate', 'loop'),
  restate('Restate, delayed sends', 'poll'),
];
