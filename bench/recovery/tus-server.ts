// A tus server on a folder, which knows what arrived and when.
import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { answerParent } from '../processes/child.ts';

/** What the server has seen. */
export interface TusCounts {
  /** Bytes over all connections, the few of the heads included. */
  receivedBytes: number;
  /** Bytes on the disk, of all uploads. */
  storedBytes: number;
  uploads: number;
  /** When each request for more bytes arrived, in milliseconds since the epoch. */
  patchesAt: number[];
}

const directory = process.env['TUS_FOLDER'] ?? '';
const latencyMs = Number(process.env['TUS_LATENCY_MS'] ?? 0);
const tus = new Server({ path: '/files', datastore: new FileStore({ directory }) });
const sockets = new Set<Socket>();
const patchesAt: number[] = [];
let closedBytes = 0;

const server = createServer((request, response) => {
  if (request.method === 'PATCH') patchesAt.push(Date.now());
  void delay(latencyMs).then(() => tus.handle(request, response));
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => {
    sockets.delete(socket);
    closedBytes += socket.bytesRead;
  });
});

async function counts(): Promise<TusCounts> {
  const files = (await readdir(directory)).filter((name) => !name.endsWith('.json'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(directory, name))).size));
  const open = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  return {
    receivedBytes: closedBytes + open,
    storedBytes: sizes.reduce((sum, size) => sum + size, 0),
    uploads: files.length,
    patchesAt,
  };
}

server.listen(0, '127.0.0.1', () => {
  answerParent({ counts }, { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/files` });
});
