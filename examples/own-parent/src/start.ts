import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { taskQueue } from './task-queue.ts';
import type { compareTranscripts } from './workflows.ts';

const [path, workflowId = `compare-transcripts-${randomUUID()}`] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: npm start -- <media file> [workflow id]');

const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const client = new Client({ connection, namespace: namespace ?? 'default' });
const result = await client.workflow.execute<typeof compareTranscripts>('compareTranscripts', {
  taskQueue,
  workflowId,
  args: [{ source: pathToFileURL(path).href, deadlineMs: 600_000 }],
});
console.log(JSON.stringify(result, null, 2));
await connection.close();
