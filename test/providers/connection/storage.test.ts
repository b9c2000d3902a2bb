import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createProviderAgents, type ProviderAgents } from '../../../src/http/agents.ts';
import { ProviderError } from '../../../src/providers/connection/provider-error.ts';
import { getFromStorage, putToStorage } from '../../../src/providers/connection/storage.ts';
import { SourceError } from '../../../src/upload/source-error.ts';
import { eventually } from '../../setup/eventually.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function readAll(stream: Readable): Promise<Buffer> {
  return Buffer.concat((await stream.toArray()) as Buffer[]);
}

/** Bytes in pieces of 64 KiB, made as they are read. */
function bytes(sizeBytes: number): Readable {
  let left = sizeBytes;
  return new Readable({
    read() {
      const piece = Buffer.alloc(Math.min(left, 65_536), 7);
      left -= piece.length;
      this.push(piece.length === 0 ? null : piece);
    },
  });
}

describe('storage behind presigned addresses', () => {
  let server: Server;
  let url: string;
  let handler: Handler;
  let seen: IncomingMessage[];
  let agents: ProviderAgents;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.on('error', () => undefined);
      seen.push(request);
      handler(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/bucket/object?X-Amz-Signature=SECRET`;
    agents = createProviderAgents();
  });
  beforeEach(() => {
    seen = [];
  });
  afterAll(async () => {
    await agents.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const put = (
    body: Readable,
    sizeBytes: number,
    change: { signal?: AbortSignal; headers?: Record<string, string> } = {},
  ) =>
    putToStorage(agents, {
      operation: 'upload chunk 3',
      url,
      headers: { 'content-type': 'video/mp4' },
      body,
      sizeBytes,
      signal: new AbortController().signal,
      ...change,
    });
  const get = (signal = new AbortController().signal) => getFromStorage(agents, { operation: 'download', url, signal });

  async function errorOf(promise: Promise<unknown>): Promise<ProviderError> {
    const error: unknown = await promise.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProviderError);
    expect((error as ProviderError).message).not.toContain('SECRET');
    return error as ProviderError;
  }

  it('uploads the bytes with an exact length and no key, and unquotes the ETag', async () => {
    let digest = '';
    handler = (request, response) => {
      void readAll(request).then((received) => {
        digest = createHash('sha256').update(received).digest('hex');
        response.setHeader('etag', '"abc123"').end();
      });
    };
    await expect(put(bytes(300_000), 300_000)).resolves.toEqual({ etag: 'abc123' });
    expect(digest).toBe(createHash('sha256').update(Buffer.alloc(300_000, 7)).digest('hex'));
    const headers = seen[0]?.headers ?? {};
    expect(headers).toMatchObject({ 'content-length': '300000', 'content-type': 'video/mp4' });
    expect(headers).not.toHaveProperty('transfer-encoding');
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-api-key');
  });

  it('sends one content length although the provider’s headers hold another', async () => {
    handler = (request, response) => void readAll(request).then(() => response.end());
    await put(bytes(10), 10, { headers: { 'Content-Length': '99', 'Content-Type': 'audio/wav' } });
    expect(seen[0]?.headers).toMatchObject({ 'content-length': '10', 'content-type': 'audio/wav' });
  });

  it('sends every header of the provider but those that only the connection may set', async () => {
    handler = (request, response) => void readAll(request).then(() => response.end());
    const given = {
      ...{
        'X-Amz-Tagging': 'team=video',
        Authorization: 'AWS4 abc',
        'x-amz-security-token': 'token',
        'X-Name': 'Zürich',
      },
      ...{ Host: 'elsewhere.example', Connection: 'close', 'Transfer-Encoding': 'chunked', Expect: '100-continue' },
      ...{ 'bad name': 'x', 'x-bad-value': 'a\r\nb: c', 'x-beyond': '좋은' },
    };
    await put(bytes(10), 10, { headers: given });
    expect(seen[0]?.headers).toMatchObject({
      ...{ 'x-amz-tagging': 'team=video', authorization: 'AWS4 abc', 'x-amz-security-token': 'token' },
      'content-length': '10',
    });
    const sent = seen[0]?.headers ?? {};
    expect(sent.host).toMatch(/^127/);
    for (const name of ['transfer-encoding', 'expect', 'bad name', 'x-bad-value', 'x-beyond', 'b']) {
      expect(sent).not.toHaveProperty([name]);
    }
  });

  it.each(['', 'x'.repeat(1_000_000)])('does not judge an upload by the body of its answer', async (body) => {
    handler = (request, response) => void readAll(request).then(() => response.setHeader('etag', '"e"').end(body));
    await expect(put(bytes(10), 10)).resolves.toEqual({ etag: 'e' });
  });

  it('gives an empty ETag where storage sends none', async () => {
    handler = (request, response) => void readAll(request).then(() => response.writeHead(201).end());
    await expect(put(bytes(10), 10)).resolves.toEqual({ etag: '' });
  });

  it('uploads an empty file', async () => {
    handler = (request, response) =>
      void readAll(request).then(({ length }) => response.setHeader('etag', String(length)).end());
    await expect(put(Readable.from([]), 0)).resolves.toEqual({ etag: '0' });
  });

  test.each([
    [401, 'storage-refused'],
    [403, 'storage-refused'],
    [400, 'rejected'],
    [404, 'storage-refused'],
    [307, 'rejected'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('calls a %i after the whole upload %s', async (status, kind) => {
    handler = (request, response) => {
      void readAll(request).then(() => {
        response.writeHead(status, { 'retry-after': '4', location: 'http://127.0.0.1:1/' });
        response.end('<Error>Request has expired X-Amz-Signature=SECRET</Error>');
      });
    };
    const body = bytes(100_000);
    const error = await errorOf(put(body, 100_000));
    expect(error).toMatchObject({ kind, status, retryAfterMs: 4000 });
    expect(body.destroyed).toBe(true);
    expect(seen).toHaveLength(1);
  });

  it('says that the address is refused although storage reads nothing of a large upload', async () => {
    handler = (_request, response) => {
      response.writeHead(403, { connection: 'close' }).end('<Error>expired</Error>');
    };
    const body = bytes(64_000_000);
    const error = await errorOf(put(body, 64_000_000));
    expect(error.kind).toBe('storage-refused');
    expect(body.destroyed).toBe(true);
  });

  it('says that storage is unavailable where it cuts the line in the middle', async () => {
    handler = (request) => {
      request.once('data', () => request.socket.destroy());
    };
    const body = bytes(64_000_000);
    const error = await errorOf(put(body, 64_000_000));
    expect(error).toMatchObject({ kind: 'unavailable', status: undefined, operation: 'upload chunk 3' });
    expect(body.destroyed).toBe(true);
  });

  it('says what is wrong with the source rather than with the network', async () => {
    handler = (request) => void readAll(request).catch(() => undefined);
    const fault = new SourceError('changed', 'the file changed');
    const body = Readable.from(
      (async function* () {
        yield Buffer.alloc(10);
        await Promise.resolve();
        throw fault;
      })(),
    );
    await expect(put(body, 100_000)).rejects.toBe(fault);
  });

  test.each([
    ['too few', 10],
    ['too many', 1000],
  ])('does not call it done where the source gives %s bytes', async (_what, given) => {
    handler = (request, response) =>
      void readAll(request).then(
        () => response.end(),
        () => undefined,
      );
    await expect(put(bytes(given), 100)).rejects.toThrow();
  });

  it('ends with the caller’s own reason when it is aborted, and lets go of the source', async () => {
    handler = () => undefined;
    const controller = new AbortController();
    const body = bytes(64_000_000);
    const upload = put(body, 64_000_000, { signal: controller.signal });
    upload.catch(() => undefined);
    await eventually('the upload has begun', () => seen.length > 0);
    const reason = new Error('cancelled by the user');
    controller.abort(reason);
    await expect(upload).rejects.toBe(reason);
    expect(body.destroyed).toBe(true);
  });

  it('ends no process where a download is given up before its end and nobody listens', async () => {
    handler = (_request, response) => void response.writeHead(200, { 'content-length': '1000000' }).write('the');
    const download = await get();
    // An error event without a listener would fail the whole run.
    expect(download.destroy().listenerCount('error')).toBe(1);
    await eventually('the download is closed', () => download.closed);
  });

  it('downloads', async () => {
    handler = (_request, response) => response.end('the result');
    expect((await readAll(await get())).toString()).toBe('the result');
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each([
    [403, 'storage-refused'],
    [404, 'not-found'],
    [500, 'unavailable'],
  ])('calls a %i for a download %s', async (status, kind) => {
    handler = (_request, response) => response.writeHead(status).end('<Error/>');
    expect(await errorOf(get())).toMatchObject({ kind, status });
  });

  it('says that a download claims to be larger than a result may be', async () => {
    handler = (_request, response) => response.writeHead(200, { 'content-length': String(2 * 1024 ** 3) }).write('x');
    expect(await errorOf(get())).toMatchObject({ kind: 'too-large' });
  });

  it('calls a download without an answer unavailable', async () => {
    handler = (request) => request.socket.destroy();
    expect(await errorOf(get())).toMatchObject({ kind: 'unavailable', status: undefined });
  });

  it('counts a download at its end, by how it ended', async () => {
    const counted: string[] = [];
    const observer = {
      waited: () => undefined,
      sent: () => undefined,
      ended: (_: string, how: string) => counted.push(how),
    };
    const watched = { ...agents, observer };
    const fetch = () => getFromStorage(watched, { operation: 'download', url, signal: new AbortController().signal });
    handler = (_request, response) => response.end('the result');
    await readAll(await fetch());
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
    };
    await readAll(await fetch()).catch(() => undefined);
    handler = (_request, response) => response.writeHead(200, { 'content-length': 10 }).write('half');
    (await fetch()).destroy();
    // As where the disk is full.
    (await fetch()).destroy(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    handler = (_request, response) => response.writeHead(404).end();
    await errorOf(fetch());
    await eventually('all are counted', () => counted.length === 5);
    expect(counted).toEqual(['ok', 'unavailable', 'broken-off', 'broken-off', 'not-found']);
  });
});
