// A worker of the three hand-written ways to wait; its one argument is a WaitWorkerOptions as JSON.
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createWaitActivities } from './activities.ts';
import { type WaitWorkerOptions, waitTaskQueue } from './inputs.ts';

const { address, namespaces, baseUrl, key } = JSON.parse(process.argv[2] ?? '') as WaitWorkerOptions;
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const workers: Worker[] = [];
for (const namespace of namespaces) {
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: waitTaskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    activities: createWaitActivities({ baseUrl, key }),
    // As many as there are jobs: a loop holds its slot for all its life.
    maxConcurrentActivityTaskExecutions: 1000,
  });
  workers.push(worker);
}
const running = Promise.all(workers.map((worker) => worker.run()));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.send?.({ ready: true });
await running;
