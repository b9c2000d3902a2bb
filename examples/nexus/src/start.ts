import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { caption } from './workflows.ts';

const [path, endpoint] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: npm start -- <media file> [endpoint]');

// This team's own namespace; what TEMPORAL_NAMESPACE says is that of provider-jobs.
const namespace = process.env.CAPTIONS_NAMESPACE ?? 'captions';
const taskQueue = 'captions';
const { connectionOptions } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);

async function exists(): Promise<boolean> {
  return connection.workflowService.describeNamespace({ namespace }).then(
    () => true,
    () => false,
  );
}

if (!(await exists())) {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  // It takes the server a moment to see what it has made.
  while (!(await exists())) await delay(200);
}

const native = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  connection: native,
  namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
});
const client = new Client({ connection, namespace });
const captions = await worker.runUntil(
  client.workflow.execute<typeof caption>('caption', {
    taskQueue,
    workflowId: `talk-${randomUUID()}`,
    args: [pathToFileURL(path).href, endpoint],
  }),
);
console.log(JSON.stringify(captions, null, 2));
await native.close();
await connection.close();
