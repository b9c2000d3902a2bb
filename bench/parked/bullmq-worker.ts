// BullMQ: a job that is not done yet goes back among the delayed ones.
import { DelayedError, Worker } from 'bullmq';
import { answerParent } from '../processes/child.ts';
import { askStatus, hasEnded, workerSettings, type WorkerSettings } from './ask-status.ts';

const settings = workerSettings() as WorkerSettings & { port: number; queue: string; concurrency: number | null };
const { concurrency } = settings;

const worker = new Worker<{ assetId: string }>(
  settings.queue,
  async (job, token) => {
    const status = await askStatus(settings, job.data.assetId);
    if (hasEnded(status)) return status;
    await job.moveToDelayed(Date.now() + settings.intervalMs, token);
    throw new DelayedError();
  },
  { connection: { host: '127.0.0.1', port: settings.port }, ...(concurrency === null ? {} : { concurrency }) },
);
await worker.waitUntilReady();
answerParent({});
