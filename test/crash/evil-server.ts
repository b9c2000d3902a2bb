import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a server does in place of an answer. */
type Evil = (request: IncomingMessage, response: ServerResponse) => void;

const head = (...lines: string[]) => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`;
const json = 'content-type: application/json';

/** Writes for ever, as fast as is read and at most a piece each five milliseconds. */
function pour(socket: Socket, piece: string): void {
  const timer = setInterval(() => {
    if (socket.writableNeedDrain) return;
    socket.write(piece);
  }, 5);
  socket.on('close', () => {
    clearInterval(timer);
  });
}

const raw =
  (text: string): Evil =>
  ({ socket }) => {
    socket.end(text);
  };

const answer =
  (status: number, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Evil =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

const xml = { 'content-type': 'application/xml' };

/** Answers that no documentation has. */
export const evilAnswers = {
  garbage: ({ socket }) => {
    socket.end(randomBytes(5000));
  },
  html: answer(200, '<!doctype html><html><body>Sign in</body></html>', { 'content-type': 'text/html' }),
  truncated: answer(200, '{"id": "a", "status": "PROC'),
  list: answer(200, '[[[null]]]'),
  text: answer(200, '"COMPLETED"'),
  nothing: answer(200, 'null'),
  empty: answer(200, ''),
  'wrong types': answer(
    200,
    '{"id": {"a": 1}, "job_id": [], "status": {"toString": 1}, "__proto__": {"status": "DONE"}, "uploadUri": 7}',
  ),
  deep: answer(200, `{"status": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
  huge: raw(`${head(json, 'content-length: 10000000000')}[1,`),
  endless: ({ socket }) => {
    socket.write(head(json, 'transfer-encoding: chunked'));
    pour(socket, `10000\r\n${' '.repeat(0x10000)}\r\n`);
  },
  'endless headers': ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    pour(socket, `x-${'y'.repeat(1000)}: z\r\n`);
  },
  'reset in the middle': ({ socket }) => {
    socket.write(`${head(json, 'content-length: 1000')}{"id":`, () => socket.resetAndDestroy());
  },
  'cut in the middle': raw(`${head(json, 'content-length: 1000')}{"id":`),
  'bad chunks': raw(`${head(json, 'transfer-encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`),
  'many informations': raw(
    `${'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(50)}HTTP/1.1 102 Processing\r\n\r\n`,
  ),
  'another protocol': raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello'),
  'bad header': raw('HTTP/1.1 200 OK\r\nbad \0 header\r\ncontent-length: 2\r\n\r\n{}'),
  'two lengths': raw(`${head('content-length: 2', 'content-length: 3')}{}`),
  'no such status': raw('HTTP/1.1 999 Whatever\r\ncontent-length: 0\r\n\r\n'),
  'bad header values': answer(429, '{}', { 'retry-after': '-1e999', 'x-ratelimit-reset': 'NaN', etag: '"' }),
  'redirect to nowhere': answer(302, '', { location: 'http://[::1' }),
} as const satisfies Record<string, Evil>;

/** Storage that takes nothing, or says so oddly. */
export const evilStorage = {
  forbidden: answer(403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>', xml),
  'bad request': answer(400, '<Error><Code>ExpiredToken</Code>', xml),
  'reset at the first bytes': (request) => {
    request.once('data', () => request.socket.resetAndDestroy());
  },
  'answer before the body': ({ socket }) => {
    socket.end('HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  },
  'no etag': (request, response) => {
    request.resume().on('end', () => response.writeHead(200).end());
  },
  ...evilAnswers,
} as const satisfies Record<string, Evil>;

/** Places for media that are none. */
export const evilSources = {
  ...evilAnswers,
  'redirects in a circle': (request, response) => {
    response.writeHead(302, { location: request.url ?? '/' }).end();
  },
  'a length that is none': raw(head('content-type: audio/wav', 'content-length: -5')),
  'a range that was not asked for': raw(
    'HTTP/1.1 206 Partial\r\ncontent-range: bytes 5-1/9\r\ncontent-type: audio/wav\r\ncontent-length: 3\r\n\r\nabc',
  ),
} as const satisfies Record<string, Evil>;

/** What becomes of the requests that carry a key. */
export interface Treatment {
  /** Which requests: method and path. */
  on: RegExp;
  evil?: Evil;
  /** Replaces each presigned address in the answer. */
  storage?: string;
  /** Is told of each request before it is served. */
  seen?: () => void;
  /** How many of them (default all); the others pass. */
  times?: number;
}

/** Stands before the simulator, and treats the requests of each key in its own way. */
export interface EvilServer {
  origin: string;
  /** An address at which this server is evil by itself. */
  place(kind: 'storage' | 'source', name: string): string;
  treat(key: string, treatment: Treatment): void;
  close(): Promise<void>;
}

function keyOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-api-key'] ?? headers.authorization ?? '';
  return String(given).replace(/^Bearer /, '');
}

const passedOn = ['authorization', 'x-api-key', 'content-type', 'accept'] as const;

async function forward(simulator: string, request: IncomingMessage, response: ServerResponse, storage?: string) {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { headers } = request;
  const answered = await fetch(simulator + (request.url ?? ''), {
    method: request.method ?? 'GET',
    headers: Object.fromEntries(
      passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
    ),
    ...(pieces.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(pieces)) }),
  });
  const text = await answered.text();
  const body = storage === undefined ? text : text.replaceAll(/"http[^"]*\/storage\/[^"]*"/g, JSON.stringify(storage));
  const type = answered.headers.get('content-type') ?? 'application/json';
  response.writeHead(answered.status, { 'content-type': type }).end(body);
}

/** Starts an evil server before a simulator. */
export async function startEvilServer(simulator: string): Promise<EvilServer> {
  const treatments = new Map<string, Treatment>();
  const sockets = new Set<Socket>();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const [, evil, kind = '', name = ''] = path.split('/');
    if (evil === 'evil') {
      const evils: Record<string, Evil> = kind === 'storage' ? evilStorage : evilSources;
      evils[decodeURIComponent(name)]?.(request, response);
      return;
    }
    const treatment = treatments.get(keyOf(request.headers));
    if (treatment === undefined || treatment.times === 0 || !treatment.on.test(`${request.method ?? ''} ${path}`)) {
      await forward(simulator, request, response);
      return;
    }
    if (treatment.times !== undefined)
      treatments.set(keyOf(request.headers), { ...treatment, times: treatment.times - 1 });
    treatment.seen?.();
    if (treatment.evil !== undefined) treatment.evil(request, response);
    else await forward(simulator, request, response, treatment.storage);
  };
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    origin,
    place: (kind, name) => `${origin}/evil/${kind}/${encodeURIComponent(name)}/talk.wav`,
    treat: (key, treatment) => void treatments.set(key, treatment),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
