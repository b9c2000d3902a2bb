import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S3Connection } from '../../src/s3/s3-connection.ts';
import { type ForwardProxies, noProxies } from '../../src/http/forward-proxy.ts';
import { createS3ResultStore, readS3Artifact } from '../../src/s3/s3-result-store.ts';
import { createS3Opener } from '../../src/s3/s3-source.ts';
import { inspectSource } from '../../src/upload/inspect-source.ts';
import type { MediaSource, SourceOptions } from '../../src/upload/media-source.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { type ForwardProxy, startForwardProxy } from '../http/forward-proxy.ts';
import { eventually } from '../setup/eventually.ts';
import { startS3Server, useS3Environment } from '../setup/s3-server.ts';
import { makeWav } from '../setup/wav.ts';

const content = randomBytes(3_000_000);
const middle = { start: 1_000_000, end: 1_200_000 };
const never = new AbortController().signal;
const server = await startS3Server();
afterAll(() => server?.stop());

describe.skipIf(server === null)('an s3: source', () => {
  if (server === null) return;
  let s3: S3Connection;
  beforeEach(() => {
    useS3Environment(server.environment);
    s3 = new S3Connection();
  });
  afterEach(() => s3.close());
  const openAt = (uri: string, options: SourceOptions = {}): Promise<MediaSource> =>
    openSource(uri, { openers: { 's3:': createS3Opener(s3) }, ...options });
  const open = async (key: string, options: SourceOptions = {}) =>
    openAt(await server.put(key, content, { mediaType: 'video/mp4' }), options);

  test('tells name, size, type and identity', async () => {
    const source = await open('clips/a clip 50%20?.mp4');
    const md5 = createHash('md5').update(content).digest('hex');
    expect(source).toMatchObject({
      ...{ fileName: 'a clip 50%20?.mp4', sizeBytes: content.length, declaredMediaType: 'video/mp4' },
      ...{ fingerprint: `s3-${String(content.length)}-"${md5}"`, isPublic: false, readsRanges: true },
    });
  });

  test('is read in ranges, several at once', async () => {
    const source = await open('ranges.mp4');
    const ranges = [middle, { start: 0, end: 1 }, { start: 2_999_999, end: 3_000_000 }, { start: 0, end: 3_000_000 }];
    const read = await Promise.all(ranges.map((range) => buffer(source.read(range, never))));
    expect(
      read.map((bytes, index) => bytes.equals(content.subarray(ranges[index]?.start, ranges[index]?.end))),
    ).toEqual(ranges.map(() => true));
    expect(() => source.read({ start: 0, end: 3_000_001 }, never)).toThrow(RangeError);
  });

  test('is looked at as a file is, its playing time with it', async () => {
    const uri = await server.put('talk', makeWav(3), { mediaType: 'application/octet-stream' });
    expect(await inspectSource(uri, { openers: { 's3:': createS3Opener(s3) } })).toMatchObject({
      ...{ uri, mediaType: 'audio/wav', durationSeconds: 3, facts: { mediaType: 'content' } },
    });
  });

  test('that was replaced is no longer what was expected, nor read on', async () => {
    const source = await open('replaced.mp4');
    const { fingerprint } = await open('replaced.mp4', { expectedFingerprint: source.fingerprint });
    await server.put('replaced.mp4', content.subarray(1));
    await expect(openAt(source.uri, { expectedFingerprint: fingerprint })).rejects.toMatchObject({ kind: 'changed' });
    await expect(buffer(source.read(middle, never))).rejects.toMatchObject({
      ...{ name: 'SourceError', kind: 'changed', retryable: false },
      message: `${source.uri} was changed while it was being read; start a new job when its content is final`,
    });
  });

  test('without an ETag goes by the time of its last change', async () => {
    const source = await openAt(await server.slip('slipped.mp4', content));
    expect(source.fingerprint).toMatch(/^s3-3000000-20\d\d-/);
    expect((await buffer(source.read(middle, never))).equals(content.subarray(middle.start, middle.end))).toBe(true);
    await eventually('its time is another one', async () => {
      const { fingerprint } = await openAt(await server.slip('slipped.mp4', content));
      return fingerprint !== source.fingerprint;
    });
    await expect(buffer(source.read(middle, never))).rejects.toMatchObject({ kind: 'changed' });
  });

  test('that is gone meanwhile cannot be read', async () => {
    const source = await open('gone.mp4');
    await server.client.send(new DeleteObjectCommand({ Bucket: 'media', Key: 'gone.mp4' }));
    await expect(buffer(source.read(middle, never))).rejects.toMatchObject({ kind: 'unreadable', retryable: false });
  });

  test('ends with the reason of an abort', async () => {
    const source = await open('aborted.mp4');
    const stop = new AbortController();
    const stream = source.read({ start: 0, end: content.length }, stop.signal);
    const reason = new Error('enough');
    const end = expect(async () => {
      for await (const piece of stream) {
        expect(piece).not.toHaveLength(0);
        stop.abort(reason);
      }
    }).rejects.toMatchObject({ cause: reason });
    await end;
  });

  test.each([
    ['a key that is not there', 's3://media/none.wav', {}, '(NoSuchKey): there is no such object'],
    ['a bucket that is not there', 's3://no-such-bucket/a.wav', {}, '(NoSuchBucket): there is no such bucket'],
    [
      'a wrong secret',
      's3://media/a.wav',
      { AWS_SECRET_ACCESS_KEY: 'wrong' },
      '(SignatureDoesNotMatch): AWS does not take',
    ],
    [
      'no credentials',
      's3://media/a.wav',
      { AWS_ACCESS_KEY_ID: '' },
      '(CredentialsProviderError): there are no AWS credentials',
    ],
    [
      'an endpoint that is none',
      's3://media/a.wav',
      { AWS_ENDPOINT_URL_S3: 'nonsense' },
      '(ERR_INVALID_URL): AWS_ENDPOINT_URL is not an address',
    ],
  ])('fails at once with %s', async (_what, uri, environment, words) => {
    useS3Environment({ ...server.environment, ...environment });
    const opening = openAt(uri);
    await expect(opening).rejects.toMatchObject({ name: 'SourceError', kind: 'unreadable', retryable: false });
    await expect(opening).rejects.toThrow(`${uri} cannot be read ${words}`);
  });

  test.each([
    ['s3://media/', 'names no object'],
    ['s3://media/folder/', 'names no object'],
  ])('is refused where it names a folder: %s', async (uri, words) => {
    await expect(openAt(uri)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(words) as string,
    });
  });

  test('is refused where it is empty', async () => {
    const uri = await server.put('empty.wav', '');
    await expect(openAt(uri)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('is empty') as string,
    });
  });

  test('may pass where nobody answers', async () => {
    useS3Environment({ ...server.environment, AWS_ENDPOINT_URL_S3: 'http://localhost:1', AWS_MAX_ATTEMPTS: '1' });
    await expect(openAt('s3://media/a.wav')).rejects.toMatchObject({
      ...{ kind: 'unreadable', retryable: true },
      message: expect.stringMatching(/cannot be read now \(ECONNREFUSED\)/) as string,
    });
  });
});

describe('where S3 answers', () => {
  test.each([
    [403, 'AccessDenied', false, 'grant s3:GetObject'],
    [403, 'ExpiredToken', true, 'have expired'],
    [403, 'InvalidObjectState', false, 'archived'],
    [403, 'RequestTimeTooSkewed', true, 'clock'],
    [400, 'RequestTimeout', true, 'try again later'],
    [503, 'SlowDown', true, 'reachable'],
    [403, 'InvalidAccessKeyId', false, 'AWS does not take the credentials'],
    [301, 'PermanentRedirect', false, 'another region; set AWS_REGION'],
    [500, 'InternalError', true, 'reachable'],
    [429, 'TooManyRequests', true, 'reachable'],
    [405, 'MethodNotAllowed', false, 'check the request'],
  ])('%s %s, it is clear whether to wait: %s', async (status, code, retryable, words) => {
    const fake = createServer((request, response) => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>canary</Message></Error>`);
    });
    await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
    const { port } = fake.address() as AddressInfo;
    useS3Environment({
      ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_MAX_ATTEMPTS: '1' },
      AWS_ENDPOINT_URL: `http://127.0.0.1:${String(port)}`,
    });
    const s3 = new S3Connection();
    const opening = openSource('s3://media/a.wav', { openers: { 's3:': createS3Opener(s3) } });
    await expect(opening).rejects.toMatchObject({ kind: 'unreadable', retryable });
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.not.toThrow(/canary|secret/);
    await s3.close();
    fake.close();
  });
});

describe.skipIf(server === null)('S3 behind a forward proxy', () => {
  if (server === null) return;
  const { port } = new URL(server.endpoint);
  let proxy: ForwardProxy;
  beforeEach(async () => {
    proxy = await startForwardProxy(Number(port));
  });
  afterEach(() => proxy.close());
  const readFrom = async (endpoint: string, proxies: Partial<ForwardProxies>) => {
    useS3Environment({ ...server.environment, AWS_ENDPOINT_URL_S3: endpoint, AWS_MAX_ATTEMPTS: '1' });
    const s3 = new S3Connection({ proxies: { ...noProxies, ...proxies } });
    try {
      return (await buffer(await readS3Artifact(await server.put('proxied.json', 'by proxy'), s3))).toString();
    } finally {
      await s3.close();
    }
  };

  test('is reached by it, request after request, also where only it knows the host', async () => {
    const http = proxy.url.replace('//', '//ours:pass@');
    useS3Environment({ ...server.environment, AWS_ENDPOINT_URL_S3: 'http://s3.invalid:8080' });
    const s3 = new S3Connection({ proxies: { ...noProxies, http } });
    const store = createS3ResultStore('s3://results/by proxy', s3);
    // More than one part, and names that have to be written in another way.
    for (const size of [3, 11_000_000]) {
      const { uri } = await store.write('a+b', `é !'()*.bin`, 'application/octet-stream', Buffer.alloc(size, 7));
      expect((await buffer(await store.read(uri))).length).toBe(size);
    }
    expect(await store.list('a+b')).toMatchObject([{ name: `é !'()*.bin`, sizeBytes: 11_000_000 }]);
    expect(await store.exists('a+b', 'other')).toBe(false);
    expect(new Set(proxy.asked)).toEqual(new Set(['s3.invalid:8080']));
    expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${Buffer.from('ours:pass').toString('base64')}`]));
    await s3.close();
  });

  test.each([403, 404, 407, 416, 502])('that refuses with %d is named, and waited out', async (status) => {
    proxy.refusal = { status };
    useS3Environment({ ...server.environment, AWS_ENDPOINT_URL_S3: 'https://s3.invalid', AWS_MAX_ATTEMPTS: '1' });
    const s3 = new S3Connection({ proxies: { ...noProxies, https: proxy.url } });
    const opening = openSource('s3://media/a.wav', { openers: { 's3:': createS3Opener(s3) } });
    await expect(opening).rejects.toMatchObject({ kind: 'unreadable', retryable: true });
    await expect(opening).rejects.toThrow(`the proxy ${new URL(proxy.url).host} refuses with status ${String(status)}`);
    await expect(createS3ResultStore('s3://results', s3).exists('a', 'b')).rejects.toThrow('the proxy');
    await s3.close();
  });

  test('is reached without it on this machine and where it is excepted', async () => {
    expect(await readFrom(`http://localhost:${port}`, { http: proxy.url })).toBe('by proxy');
    const direct = readFrom('http://s3.invalid:8080', { http: proxy.url, except: 'other, .invalid' });
    await expect(direct).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
    expect(proxy.asked).toEqual([]);
  });
});

/** Says how long its answer is, sends half of it, and no more. */
function startQuietServer(): Promise<Server> {
  const quiet = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 10, etag: '"1"' });
    response.write('hello');
  });
  return new Promise((resolve) =>
    quiet.listen(0, '127.0.0.1', () => {
      resolve(quiet);
    }),
  );
}

test('an object that comes no further fails whoever reads it, and one that is not read ends nothing', async () => {
  const quiet = await startQuietServer();
  useS3Environment({
    ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_MAX_ATTEMPTS: '1' },
    AWS_ENDPOINT_URL: `http://127.0.0.1:${String((quiet.address() as AddressInfo).port)}`,
  });
  const s3 = new S3Connection();
  const reading = buffer(await readS3Artifact('s3://media/result.json', s3, 100));
  await expect(reading).rejects.toThrow('nothing came for 0.1 s');
  const unread = await readS3Artifact('s3://media/result.json', s3, 100);
  unread.destroy();
  const connections = () => promisify(quiet.getConnections.bind(quiet))();
  await eventually('the connections are closed', async () => (await connections()) === 0);
  await s3.close();
  quiet.close();
});
