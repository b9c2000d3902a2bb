// Stands before the S3 server: adds the latency, fails the parts that the seed says, and counts what comes by.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { answerParent } from '../processes/child.ts';

/** What came by. */
export interface S3Counts {
  parts: number;
  partBytes: number;
  otherRequests: number;
  /** When the object was asked to be completed, in milliseconds since the epoch. */
  completedAt: number | null;
}

const { port, latencyMs, failingShare, seed } = JSON.parse(process.env['S3_NETWORK'] ?? '{}') as {
  port: number;
  latencyMs: number;
  failingShare: number;
  seed: number;
};
const counts: S3Counts = { parts: 0, partBytes: 0, otherRequests: 0, completedAt: null };
const agent = new Agent({ keepAlive: true });

function isFailing(): boolean {
  const digest = createHash('sha256')
    .update(`${String(seed)} ${String(counts.parts)}`)
    .digest();
  return digest.readUInt32BE() / 2 ** 32 < failingShare;
}

async function pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const url = incoming.url ?? '';
  const isPart = incoming.method === 'PUT' && url.includes('partNumber=');
  if (isPart) counts.parts += 1;
  else counts.otherRequests += 1;
  if (incoming.method === 'POST' && !url.includes('uploads')) counts.completedAt = Date.now();
  const fails = isPart && isFailing();
  if (latencyMs > 0) await delay(latencyMs);
  if (incoming.headers.expect !== undefined) answer.writeContinue();
  if (isPart) incoming.on('data', (piece: Buffer) => (counts.partBytes += piece.length));
  if (fails) {
    incoming.resume().once('end', () => {
      answer.writeHead(503, { 'content-type': 'application/xml' });
      answer.end(
        '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>',
      );
    });
    return;
  }
  const { method, headers } = incoming;
  const forwarded = { ...headers };
  // Answered here already.
  delete forwarded.expect;
  const outgoing = request({ host: '127.0.0.1', port, path: url, method, headers: forwarded, agent }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  incoming.pipe(outgoing);
}

const server = createServer();
server.on('request', (incoming, answer) => void pass(incoming, answer));
server.on('checkContinue', (incoming, answer) => void pass(incoming, answer));
server.listen(0, '127.0.0.1', () => {
  answerParent({ counts: () => counts }, { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` });
});
