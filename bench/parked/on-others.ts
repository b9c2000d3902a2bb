import { join } from 'node:path';
import { Queue } from 'bullmq';
import { findFreePort } from '../../src/dev/free-port.ts';
import { folderMiB } from '../processes/meter.ts';
import { forEachOf, type ParkedContender, startWorkerFile } from './contender.ts';
import { postgresMiB, startPostgres, startRedis, startRestate } from './servers.ts';

/** Loops in DBOS, or one workflow for each poll in a queue with delays. */
export function dbos(name: string, inQueue: boolean): ParkedContender {
  return {
    name,
    async start(stage) {
      const server = stage.started.add(await startPostgres(join(stage.folder, 'postgres')), (it) => it.stop());
      const worker = await startWorkerFile(stage, './dbos-worker.ts', { databaseUrl: server.url, inQueue });
      return {
        workerPid: worker.pid,
        serverPid: server.pid,
        park: async (assetIds) => {
          await worker.ask('park', assetIds);
        },
        storedMiB: () => postgresMiB(server),
      };
    },
  };
}

/** Jobs of BullMQ, with so many at once or its default. */
export function bullmq(name: string, concurrency: number | null): ParkedContender {
  return {
    name,
    async start(stage) {
      const files = join(stage.folder, 'redis');
      const server = stage.started.add(await startRedis(files), (it) => it.stop());
      const worker = await startWorkerFile(stage, './bullmq-worker.ts', {
        port: server.port,
        queue: 'parked',
        concurrency,
      });
      const queue = new Queue('parked', { connection: { host: '127.0.0.1', port: server.port } });
      stage.started.add(queue, (it) => it.close());
      return {
        workerPid: worker.pid,
        serverPid: server.pid,
        park: async (assetIds) => {
          await queue.addBulk(assetIds.map((assetId) => ({ name: 'follow', data: { assetId } })));
        },
        storedMiB: () => folderMiB(files),
      };
    },
  };
}

/** Loops in Restate, or one invocation for each poll. */
export function restate(name: string, handler: 'loop' | 'poll'): ParkedContender {
  return {
    name,
    async start(stage) {
      const files = join(stage.folder, 'restate');
      const server = stage.started.add(await startRestate(files), (it) => it.stop());
      const port = await findFreePort();
      const worker = await startWorkerFile(stage, './restate-worker.ts', { port });
      const post = async (url: string, body: unknown) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
        if (!answer.ok) throw new Error(`Restate answered ${String(answer.status)}: ${await answer.text()}`);
        await answer.arrayBuffer();
      };
      await post(`http://127.0.0.1:${String(server.adminPort)}/deployments`, {
        uri: `http://127.0.0.1:${String(port)}`,
      });
      const url = `http://127.0.0.1:${String(server.port)}/parked/${handler}/send`;
      return {
        workerPid: worker.pid,
        serverPid: server.pid,
        park: (assetIds) => forEachOf(assetIds, (assetId) => post(url, assetId)),
        storedMiB: () => folderMiB(files),
      };
    },
  };
}
