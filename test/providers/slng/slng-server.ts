import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProviderAgents } from '../../../src/http/agents.ts';
import {
  createProviderConnection,
  type ProviderConnection,
} from '../../../src/providers/connection/provider-connection.ts';
import { slng } from '../../../src/providers/slng/slng.ts';

/** A request as the server saw it; `body` is parsed where it is JSON. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** What the server answers; an object is sent as JSON, text as it is. */
export interface ScriptedAnswer {
  status: number;
  body?: unknown;
}

/** A server that gives scripted answers in turn, and a connection to it. */
export interface SlngServer {
  url: string;
  connection: ProviderConnection;
  requests: SeenRequest[];
  /** The answers still to be given, to requests of any path. */
  answers: ScriptedAnswer[];
  close(): Promise<void>;
}

/** The key that the connection uses. */
export const testKey = 'slng_bt_test-key';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Starts a server for one test file; a request for which no answer is scripted gets 500. */
export async function startSlngServer(): Promise<SlngServer> {
  const requests: SeenRequest[] = [];
  const answers: ScriptedAnswer[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, path: url, headers, body: parse(Buffer.concat(pieces).toString()) });
      const { status, body } = answers.shift() ?? { status: 500, body: { error: 'nothing scripted' } };
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body ?? null));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const agents = createProviderAgents();
  const connection = createProviderConnection({ provider: slng, baseUrl: url, key: testKey, agents });
  return {
    ...{ url, connection, requests, answers },
    close: async () => {
      await agents.close();
      server.close();
      await once(server, 'close');
    },
  };
}
