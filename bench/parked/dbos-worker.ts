// DBOS: the loop as its guide has it, or each poll a workflow of its own that waits in a queue.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { answerParent } from '../processes/child.ts';
import { askStatus, hasEnded, workerSettings, type WorkerSettings } from './ask-status.ts';

const settings = workerSettings() as WorkerSettings & { databaseUrl: string; inQueue: boolean };
const { intervalMs } = settings;
const queueName = 'polls';

const loop = DBOS.registerWorkflow(
  async (assetId: string) => {
    for (;;) {
      const status = await DBOS.runStep(() => askStatus(settings, assetId), { name: 'askStatus' });
      if (hasEnded(status)) return status;
      await DBOS.sleep(intervalMs);
    }
  },
  { name: 'loop' },
);

async function pollOnce(assetId: string): Promise<string> {
  const status = await DBOS.runStep(() => askStatus(settings, assetId), { name: 'askStatus' });
  if (!hasEnded(status)) await enqueue(assetId, intervalMs / 1000);
  return status;
}

const poll = DBOS.registerWorkflow(pollOnce, { name: 'poll' });

function enqueue(assetId: string, delaySeconds: number) {
  return DBOS.startWorkflow(poll, { queueName, enqueueOptions: { delaySeconds } })(assetId);
}

DBOS.setConfig({ name: 'parked', systemDatabaseUrl: settings.databaseUrl, logLevel: 'error' });
await DBOS.launch();
if (settings.inQueue) await DBOS.registerQueue(queueName, { concurrency: 100 });

answerParent({
  park: async (assetIds: string[]) => {
    for (const assetId of assetIds) await (settings.inQueue ? enqueue(assetId, 0) : DBOS.startWorkflow(loop)(assetId));
  },
});
