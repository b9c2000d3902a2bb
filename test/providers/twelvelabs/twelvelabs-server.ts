import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProviderAgents } from '../../../src/http/agents.ts';
import {
  createProviderConnection,
  type ProviderConnection,
} from '../../../src/providers/connection/provider-connection.ts';
import { twelvelabs } from '../../../src/providers/twelvelabs/twelvelabs.ts';

/** A request as the server saw it; the body is parsed where it is JSON. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** What the server answers; `cut` ends the connection instead. */
export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'cut';

/** A server that answers as one function says, and a connection to it. */
export interface TwelveLabsServer {
  url: string;
  connection: ProviderConnection;
  requests: SeenRequest[];
  /** Set by each test. */
  answer: (request: SeenRequest) => Answer;
  /** `METHOD path` of every request so far. */
  asked(): string[];
  close(): Promise<void>;
}

/** The key that the connection uses. */
export const testKey = 'tlk_test-key-of-twelvelabs';

/** Starts a server for one test file. */
export async function startTwelveLabsServer(): Promise<TwelveLabsServer> {
  const httpServer = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
      const text = Buffer.concat(pieces).toString();
      const isJson = request.headers['content-type'] === 'application/json';
      const body: unknown = isJson ? JSON.parse(text) : text;
      const { method = '', headers } = request;
      const seen = { method, path: pathname, query: Object.fromEntries(searchParams), headers, body };
      server.requests.push(seen);
      const answer = server.answer(seen);
      if (answer === 'cut') return void response.destroy();
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
  });
  httpServer.listen(0, '127.0.0.1');
  await once(httpServer, 'listening');
  const url = `http://127.0.0.1:${String((httpServer.address() as AddressInfo).port)}`;
  const agents = createProviderAgents();
  const options = { provider: twelvelabs, baseUrl: `${url}/v1.3`, key: testKey, agents };
  const server: TwelveLabsServer = {
    url,
    connection: createProviderConnection({ ...options }),
    requests: [],
    answer: () => ({ status: 500 }),
    asked: () => server.requests.map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      await agents.close();
      httpServer.close();
      await once(httpServer, 'close');
    },
  };
  return server;
}
