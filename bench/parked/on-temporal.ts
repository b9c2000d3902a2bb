import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ProviderJobs } from '../../src/client.ts';
import { startTemporalServer } from '../../src/dev/temporal-server.ts';
import { folderMiB } from '../processes/meter.ts';
import { startOurWorker } from '../processes/our-worker.ts';
import { forEachOf, type ParkedContender, type ParkingStage, startWorkerFile } from './contender.ts';

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

/** Our worker, as it is installed. */
export const ours: ParkedContender = {
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

/** Workflows that sleep between their questions, with a cache of so many or the SDK's default. */
export function timerLoop(name: string, maxCachedWorkflows: number | null): ParkedContender {
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
