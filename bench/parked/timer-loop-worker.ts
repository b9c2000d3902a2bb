// A worker of timer loops: the SDK's defaults, save a cache that is given.
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { answerParent } from '../processes/child.ts';
import { askStatus, type StatusTarget, workerSettings, type WorkerSettings } from './ask-status.ts';

/** The one activity. */
export function createTimerLoopActivities(target: StatusTarget) {
  return { fetchStatus: ({ assetId }: { assetId: string }) => askStatus(target, assetId) };
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
  workflowsPath: fileURLToPath(new URL('./timer-loop-workflow.ts', import.meta.url)),
  activities: createTimerLoopActivities(settings),
  ...(maxCachedWorkflows === null ? {} : { maxCachedWorkflows }),
});
void worker.run();
answerParent({});
