import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ProviderJobs } from '../../src/client.ts';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { folderMiB } from '../processes/meter.ts';
import { startOurWorker } from '../processes/our-worker.ts';
import {
  forEachOf,
  type HistorySize,
  type ParkedContender,
  type Parking,
  type ParkingStage,
  startWorkerFile,
} from './contender.ts';

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

async function historyOf(client: Client, workflowId: string): Promise<HistorySize> {
  const { historyLength, historySize = NaN } = await client.workflow.getHandle(workflowId).describe();
  return { events: historyLength, kibibytes: historySize / 1024 };
}

// Started, its task scheduled, begun and completed, and the activity that asks.
const eventsOfOneThatWaits = 5;

/** What can be seen of the last one that was parked. */
function watchLast(client: Client, last: { workflowId: string }): Pick<Parking, 'isParked' | 'history'> {
  const history = () => historyOf(client, last.workflowId);
  return { isParked: async () => (await history()).events >= eventsOfOneThatWaits, history };
}

/** Our worker, as it is installed, with settings beside those that it must have. */
export function ours(name: string, settings: NodeJS.ProcessEnv = {}): ParkedContender {
  return {
    name,
    async start(stage) {
      const { address, client, ...server } = await startTemporal(stage);
      const worker = await startOurWorker({
        TMPDIR: stage.folder,
        TEMPORAL_ADDRESS: address,
        TWELVELABS_BASE_URL: stage.simulator.baseUrls.twelvelabs,
        TWELVELABS_API_KEY: stage.simulator.keys.twelvelabs[0],
        PROVIDER_JOBS_RESULTS: join(stage.folder, 'results'),
        ...settings,
      });
      stage.started.add(worker, (it) => it.kill());
      const jobs = new ProviderJobs(client);
      const last = { workflowId: '' };
      return {
        ...server,
        workerPid: worker.pid,
        park: (assetIds) =>
          forEachOf(assetIds, async (assetId) => {
            ({ workflowId: last.workflowId } = await jobs.track('twelvelabs.asset', assetId));
          }),
        ...watchLast(client, last),
      };
    },
  };
}

/** A hand-written workflow, with a cache of so many or the SDK's default. */
export function handWritten(
  name: string,
  workflowType: 'timerLoop' | 'retryRecipe',
  maxCachedWorkflows: number | null,
): ParkedContender {
  return {
    name,
    async start(stage) {
      const { address, client, ...server } = await startTemporal(stage);
      const taskQueue = 'hand-written';
      const worker = await startWorkerFile(stage, './hand-written-worker.ts', {
        address,
        taskQueue,
        maxCachedWorkflows,
      });
      const { intervalMs } = stage;
      const idOf = (assetId: string) => `hand-written/${assetId}`;
      const last = { workflowId: '' };
      return {
        ...server,
        workerPid: worker.pid,
        park: (assetIds) =>
          forEachOf(assetIds, async (assetId) => {
            last.workflowId = idOf(assetId);
            const args = [{ assetId, intervalMs }];
            await client.workflow.start(workflowType, { taskQueue, workflowId: last.workflowId, args });
          }),
        ...watchLast(client, last),
      };
    },
  };
}
