import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProviderAgents } from '../../../src/http/agents.ts';
import {
  createProviderConnection,
  type ProviderConnection,
} from '../../../src/providers/connection/provider-connection.ts';
import { soket } from '../../../src/providers/soket/soket.ts';

/** A request as it came over the wire. */
export interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** An HTTP server that gives prepared answers in order, and a connection to it. */
export interface RecordingServer {
  requests: RecordedRequest[];
  connection: ProviderConnection;
  /** Prepares the next answer; `null` in place of a body cuts the connection. */
  answer(status: number, body: unknown): void;
  /** Answers whatever was not prepared. */
  answerWith(answer: (request: RecordedRequest) => { status: number; body: unknown }): void;
  /** Leaves the bodies of all uploads from here on unread. */
  stopReading(): void;
  /** How many uploads wait unread. */
  unread(): number;
  close(): Promise<void>;
}

/** Starts a server on a free port; what was not prepared is answered with `{}`. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  const answers: { status: number; body: unknown }[] = [];
  let otherwise: (request: RecordedRequest) => { status: number; body: unknown } = () => ({ status: 200, body: {} });
  let reading = true;
  let unread = 0;
  const server = createServer((request, response) => {
    if (!reading && request.method === 'POST') {
      unread += 1;
      return;
    }
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const seen = { method, path, headers, body: Buffer.concat(pieces).toString('latin1') };
      requests.push(seen);
      const { status, body } = answers.shift() ?? otherwise(seen);
      if (body === null) return request.socket.destroy();
      return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/transcribe`;
  const agents = createProviderAgents();
  return {
    requests,
    connection: createProviderConnection({ provider: soket, baseUrl, key: 'soket-key', agents }),
    answer: (status, body) => {
      answers.push({ status, body });
    },
    answerWith: (answer) => {
      otherwise = answer;
    },
    stopReading: () => {
      reading = false;
    },
    unread: () => unread,
    close: async () => {
      await agents.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
