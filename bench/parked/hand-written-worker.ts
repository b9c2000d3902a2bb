// A worker of the hand-written ways: the SDK's defaults, save a cache that is given.
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { answerParent } from '../processes/child.ts';
import { askStatus, hasEnded, type StatusTarget, workerSettings, type WorkerSettings } from './ask-status.ts';

interface AssetInput {
  assetId: string;
}

/** The one activity, as each of the two ways has it. */
export function createParkedActivities(target: StatusTarget) {
  return {
    fetchStatus: ({ assetId }: AssetInput) => askStatus(target, assetId),
    async endedOrFail({ assetId }: AssetInput): Promise<void> {
      if (hasEnded(await askStatus(target, assetId))) return;
      throw ApplicationFailure.create({ message: 'The job has not ended', type: 'NotEnded', category: 'BENIGN' });
    },
  };
}

const settings = workerSettings() as WorkerSettings & {
  address: string;
  taskQueue: string;
  maxCachedWorkflows: number | null;
};
Runtime.install({ logger: new DefaultLogger('ERROR') });
const { maxCachedWorkflows } = settings;
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: settings.address }),
  taskQueue: settings.taskQueue,
  workflowsPath: fileURLToPath(new URL('./parked-workflows.ts', import.meta.url)),
  activities: createParkedActivities(settings),
  ...(maxCachedWorkflows === null ? {} : { maxCachedWorkflows }),
});
void worker.run();
answerParent({});
