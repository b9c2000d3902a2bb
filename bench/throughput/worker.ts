// A worker of the bare workflow; its argument is the address of the Temporal server.
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: process.argv[2] ?? '' }),
  namespace: 'default',
  taskQueue: 'bare',
  workflowsPath: fileURLToPath(new URL('./bare.ts', import.meta.url)),
  activities: { nothing: () => Promise.resolve() },
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
const running = worker.run();
process.send?.({ ready: true });
await running;
