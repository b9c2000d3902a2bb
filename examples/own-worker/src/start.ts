import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { captionTalk } from './workflows.ts';

const [path, workflowId = `caption-talk-${randomUUID()}`] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: npm start -- <media file> [workflow id]');

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const client = new Client({ connection, namespace });
const talk = await client.workflow.execute<typeof captionTalk>('captionTalk', {
  ...{ taskQueue: 'own-worker', workflowId },
  args: [pathToFileURL(path).href],
});
console.log(JSON.stringify(talk, null, 2));
await connection.close();
