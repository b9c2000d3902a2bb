import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server saw it. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** Epoch milliseconds. */
  at: number;
}

/** Answers one request; may also leave it without an answer. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A local HTTP server that answers as it is told. */
export interface ApiServer {
  url: string;
  requests: SeenRequest[];
  /** Given in turn; the last one stays. */
  answers: Answer[];
  close(): Promise<void>;
}

/** An answer with a status, a body (an object goes as JSON) and headers. */
export function answer(status: number, body: unknown = null, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Starts a server for one test file; without a scripted answer it says 500. */
export async function startApiServer(): Promise<ApiServer> {
  const requests: SeenRequest[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, path: url, headers, body: Buffer.concat(pieces).toString(), at: Date.now() };
      requests.push(seen);
      const next = answers.length > 1 ? answers.shift() : answers[0];
      (next ?? answer(500, 'nothing scripted'))(response, seen);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    answers,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
