import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** What the server is to do in place of answering properly; a request is answered by the first that fits. */
export interface ContentBehaviour {
  content: Buffer;
  etag?: string | null;
  lastModified?: string;
  mediaType?: string | null;
  ignoresRange?: boolean;
  hidesSize?: boolean;
  encoding?: string;
  /** Answers this status and no content. */
  statusCode?: number;
  location?: string | string[];
  /** The status of a redirect; 302 unless given. */
  redirectStatus?: number;
  /** Redirects by path. */
  locations?: Record<string, string>;
  /** Sends a Content-Range that begins so many bytes later than asked. */
  rangeShift?: number;
  /** Sends this Content-Range with each 206, or none. */
  contentRange?: string | null;
  /** Sends no more than so many bytes of a range at once, and says so. */
  longestPart?: number;
  /** Refuses every range as one that its content does not have. */
  refusesRange?: boolean;
  /** Cuts the connection after so many bytes of a body. */
  cutAfterBytes?: number;
  /** Ends a body properly after so many bytes, having told no length. */
  endsAfterBytes?: number;
  /** Sends the headers and never a body. */
  stalls?: boolean;
}

export interface ContentServer {
  origin: string;
  ca: string;
  behaviour: ContentBehaviour;
  requests: { path: string; method: string; headers: IncomingMessage['headers'] }[];
  /** Bytes of bodies that went into sockets. */
  sentBytes(): number;
  connections(): number;
  close(): Promise<void>;
}

/** Serves `behaviour.content` at any path, over TLS with a certificate of its own unless `tls` is false. */
export async function startContentServer(
  behaviour: ContentBehaviour,
  tls = true,
  host = '127.0.0.1',
): Promise<ContentServer> {
  const requests: ContentServer['requests'] = [];
  const counts = { sentBytes: 0, connections: 0 };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push({ path: request.url ?? '', method: request.method ?? '', headers: request.headers });
    answer(server.behaviour, request, response, (bytes) => (counts.sentBytes += bytes));
  };
  const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'subjectAltName', altNames: ['localhost', 'media.example'].map((value) => ({ type: 2, value })) },
    ],
  });
  const listening = tls
    ? createHttpsServer({ key: certificate.private, cert: certificate.cert }, listener)
    : createHttpServer(listener);
  listening.on('connection', () => (counts.connections += 1));
  await new Promise<void>((resolve) => listening.listen(0, host, resolve));
  const { port } = listening.address() as AddressInfo;
  const server: ContentServer = {
    origin: tls
      ? `https://localhost:${String(port)}`
      : `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`,
    ...{ ca: certificate.cert, behaviour, requests },
    sentBytes: () => counts.sentBytes,
    connections: () => counts.connections,
    close: () =>
      new Promise((resolve) => {
        listening.close(() => {
          resolve();
        });
        listening.closeAllConnections();
      }),
  };
  return server;
}

function answer(
  behaviour: ContentBehaviour,
  request: IncomingMessage,
  response: ServerResponse,
  count: (bytes: number) => void,
): void {
  const { content, statusCode, redirectStatus = 302 } = behaviour;
  const location = behaviour.locations?.[request.url ?? ''] ?? behaviour.location;
  if (location !== undefined && request.url !== '/final.mp4')
    response.setHeader('location', location).writeHead(redirectStatus).end();
  else if (statusCode !== undefined) response.writeHead(statusCode).end('no');
  else {
    const match = behaviour.ignoresRange === true ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const ifRange = request.headers['if-range'];
    const isPart = match !== null && (ifRange === undefined || ifRange === behaviour.etag);
    const start = isPart ? Number(match[1]) : 0;
    const longestEnd = start + (behaviour.longestPart ?? Infinity);
    const end = isPart ? Math.min(Number(match[2]) + 1, content.length, longestEnd) : content.length;
    if (isPart && (start >= content.length || behaviour.refusesRange === true)) {
      response.writeHead(416, { 'content-range': `bytes */${String(content.length)}` }).end();
      return;
    }
    response.writeHead(isPart ? 206 : 200, headersOf(behaviour, isPart, start, end));
    const sentEnd = Math.min(end, start + (behaviour.endsAfterBytes ?? Infinity));
    void send(behaviour, content.subarray(start, sentEnd), response, count);
  }
}

function headersOf(behaviour: ContentBehaviour, isPart: boolean, start: number, end: number): Record<string, string> {
  const { content, etag, lastModified, mediaType, encoding, hidesSize, rangeShift = 0 } = behaviour;
  const headers: Record<string, string> = {};
  if (etag !== undefined && etag !== null) headers['etag'] = etag;
  if (lastModified !== undefined) headers['last-modified'] = lastModified;
  if (mediaType !== null) headers['content-type'] = mediaType ?? 'video/mp4; charset=binary';
  if (encoding !== undefined) headers['content-encoding'] = encoding;
  if (hidesSize !== true && behaviour.endsAfterBytes === undefined) headers['content-length'] = String(end - start);
  const span = `${String(start + rangeShift)}-${String(end - 1 + rangeShift)}`;
  const { contentRange = `bytes ${span}/${hidesSize === true ? '*' : String(content.length)}` } = behaviour;
  if (isPart && contentRange !== null) headers['content-range'] = contentRange;
  return headers;
}

async function send(
  behaviour: ContentBehaviour,
  body: Buffer,
  response: ServerResponse,
  count: (bytes: number) => void,
): Promise<void> {
  const { cutAfterBytes = Infinity, stalls } = behaviour;
  if (stalls === true && body.length > 1) {
    response.flushHeaders();
    return;
  }
  let wake = (): void => undefined;
  response.on('drain', () => {
    wake();
  });
  response.on('close', () => {
    wake();
  });
  for (let position = 0; position < body.length && !response.destroyed; position += 16_384) {
    const piece = body.subarray(position, Math.min(position + 16_384, cutAfterBytes, body.length));
    count(piece.length);
    if (!response.write(piece)) await new Promise<void>((resolve) => (wake = resolve));
    if (position + piece.length >= cutAfterBytes) {
      response.socket?.destroySoon();
      return;
    }
  }
  response.end();
}
