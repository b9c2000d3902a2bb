import { createHash, randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createResultStore } from '../../src/results/create-result-store.ts';
import { ResultStoreError } from '../../src/results/result-store-error.ts';
import type { ArtifactContent, WalkableResultStore } from '../../src/results/result-store.ts';
import { S3Connection } from '../../src/s3/s3-connection.ts';
import { createS3ResultStore } from '../../src/s3.ts';
import { eventually } from '../setup/eventually.ts';
import { startS3Server, useS3Environment } from '../setup/s3-server.ts';

const folder = 'default/provider-job/tiro/a b';
const large = randomBytes(12_000_000);
const server = await startS3Server();
afterAll(() => server?.stop());

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes.length; position += 700_000) {
    await Promise.resolve();
    yield bytes.subarray(position, position + 700_000);
  }
}

describe.skipIf(server === null)('a result store in S3', () => {
  if (server === null) return;
  let s3: S3Connection;
  let store: WalkableResultStore;
  let place = 0;
  beforeEach(() => {
    useS3Environment(server.environment);
    s3 = new S3Connection();
    place += 1;
    store = createResultStore(`s3://results/jobs/${String(place)}`, s3);
  });
  afterEach(() => s3.close());

  const keys = async () => {
    const { Contents = [] } = await server.client.send(new ListObjectsV2Command({ Bucket: 'results' }));
    return Contents.map(({ Key }) => Key);
  };
  const openUploads = async () => {
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: 'results' }));
    return Uploads.length;
  };

  test.each<[string, () => ArtifactContent, Uint8Array]>([
    ['text', () => 'héllo', Buffer.from('héllo')],
    ['nothing', () => '', Buffer.alloc(0)],
    ['bytes', () => large, large],
    ['a stream', () => Readable.from(pieces(large)), large],
    ['an iterable of bytes', () => pieces(large), large],
  ])('keeps %s and gives it back', async (_what, content, bytes) => {
    const written = await store.write(folder, 'result.bin', 'application/octet-stream', content());
    const key = `jobs/${String(place)}/default/provider-job/tiro/a b/result.bin`;
    expect(written).toEqual({
      ...{ name: 'result.bin', mediaType: 'application/octet-stream', sizeBytes: bytes.length },
      ...{ sha256: createHash('sha256').update(bytes).digest('hex'), uri: `s3://results/${key}` },
    });
    expect((await buffer(await store.read(written.uri))).equals(bytes)).toBe(true);
    expect(await server.client.send(new HeadObjectCommand({ Bucket: 'results', Key: key }))).toMatchObject({
      ContentType: 'application/octet-stream',
      ContentLength: bytes.length,
    });
  });

  test('is gone through folder by folder, in order', async () => {
    const names = ['a-1', 'a', 'b c', 'd'];
    for (const name of names) await store.write(`jobs/tiro/${name}`, 'outcome.json', 'application/json', name);
    await store.write('jobs/tiro', 'stray.json', 'application/json', '{}');
    const met: string[] = [];
    for await (const { name, list } of store.walk('jobs/tiro')) {
      const [file, ...more] = await list();
      expect([file?.name, more]).toEqual(['outcome.json', []]);
      met.push(name, await text(await store.read(file?.uri ?? '')));
    }
    expect(met).toEqual(names.flatMap((name) => [name, name]));
    for await (const { name } of store.walk('jobs/nobody')) expect.unreachable(name);
  });

  test('replaces what was there, tells whether there is something, and lists a folder', async () => {
    expect(await store.exists(folder, 'a/b.txt')).toBe(false);
    expect(await store.list(folder)).toEqual([]);
    for (const words of ['one', 'other']) await store.write(folder, 'a/b.txt', 'text/plain', words);
    await store.write(`${folder}/below`, 'c.txt', 'text/plain', 'c');
    await store.write(folder, 'z.txt', 'text/plain', 'z');
    expect(await store.exists(folder, 'a/b.txt')).toBe(true);
    const base = `s3://results/jobs/${String(place)}/${folder}`;
    expect(await store.list(folder)).toEqual([
      { name: 'a/b.txt', sizeBytes: 5, uri: `${base}/a=2Fb.txt` },
      { name: 'z.txt', sizeBytes: 1, uri: `${base}/z.txt` },
    ]);
    expect(await text(await store.read(`${base}/a=2Fb.txt`))).toBe('other');
  });

  test('lists folders of more files than a page holds', async () => {
    const names = Array.from({ length: 1005 }, (_, index) => `${String(index).padStart(4, '0')}.txt`);
    await Promise.all(
      names.map((name) => server.put(`jobs/${String(place)}/many/${name}`, 'x', { bucket: 'results' })),
    );
    expect((await store.list('many')).map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ['content that breaks off', new Error('the provider hung up'), undefined],
    ['an abort', undefined, new Error('cancelled')],
  ])('leaves nothing of a result behind after %s', async (_what, broken, reason) => {
    const stop = new AbortController();
    const content = new PassThrough();
    content.write(large);
    const writing = store.write(folder, 'half.bin', 'application/octet-stream', content, stop.signal);
    const ended = expect(writing).rejects.toBe(broken ?? reason);
    await eventually('parts arrive', async () => (await openUploads()) > 0);
    if (broken !== undefined) content.destroy(broken);
    else stop.abort(reason);
    await ended;
    expect(await openUploads()).toBe(0);
    expect(await store.exists(folder, 'half.bin')).toBe(false);
    expect((await keys()).filter((key) => key?.includes('half'))).toEqual([]);
  });

  test('that is damaged on its way is not stored', async () => {
    // Changes one byte of each body, as a broken switch does.
    const proxy = createServer((incoming, response) => {
      const { method, url, headers } = incoming;
      const onward = request(`${server.endpoint}${url ?? ''}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      incoming.on('data', (chunk: Buffer) =>
        onward.write(Buffer.from(chunk.toString('latin1').replace('hello', 'jello'), 'latin1')),
      );
      incoming.on('end', () => onward.end());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    useS3Environment({ ...server.environment, AWS_ENDPOINT_URL_S3: endpoint, AWS_MAX_ATTEMPTS: '1' });
    const writing = store.write(folder, 'damaged.txt', 'text/plain', 'hello');
    await expect(writing).rejects.toMatchObject({
      name: 'ResultStoreError',
      message: expect.stringContaining('damaged on the way') as string,
    });
    expect((await keys()).filter((key) => key?.includes('damaged'))).toEqual([]);
    proxy.closeAllConnections();
    proxy.close();
  });

  test('is checked without leaving anything behind', async () => {
    const before = await keys();
    await store.check();
    expect(await keys()).toEqual(before);
  });

  test.each([
    ['a bucket that is not there', 's3://no-such-bucket/a', {}, 'NoSuchBucket', 'there is no such bucket'],
    ['no credentials', 's3://results/a', { AWS_ACCESS_KEY_ID: '' }, 'CredentialsProviderError', 'no AWS credentials'],
    ['a wrong secret', 's3://results/a', { AWS_SECRET_ACCESS_KEY: 'canary' }, 'SignatureDoesNotMatch', 'does not take'],
    ['nobody there', 's3://results/a', { AWS_ENDPOINT_URL_S3: 'http://localhost:1' }, 'ECONNREFUSED', 'reachable'],
  ])('says what to do with %s', async (_what, address, environment, code, words) => {
    useS3Environment({ ...server.environment, ...environment, AWS_MAX_ATTEMPTS: '1' });
    const other = createS3ResultStore(address, s3);
    const uri = `${address}/b/c.txt`;
    const attempts = {
      write: () => other.write('b', 'c.txt', 'text/plain', ''),
      'look for': () => other.exists('b', 'c.txt'),
      read: () => other.read(uri),
    };
    for (const [doing, begin] of Object.entries(attempts)) {
      const attempt = begin();
      await expect(attempt).rejects.toMatchObject({ name: 'ResultStoreError', code });
      await expect(attempt).rejects.toThrow(`cannot ${doing} ${uri} (${code}): `);
      await expect(attempt).rejects.toThrow(words);
      await expect(attempt).rejects.not.toThrow('canary');
    }
    await expect(other.check()).rejects.toMatchObject({ code });
    await expect(other.list('b')).rejects.toMatchObject({ code });
  });

  test('does not read what is of another store', async () => {
    await expect(store.read('file:///a/b')).rejects.toMatchObject({ code: 'UNKNOWN_STORE' });
    await expect(store.read('s3://results/none')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });
});

test.each(['s3://', 's3:results', 's3://user@results/a'])('%s is no place for results', (address) => {
  expect(() => createResultStore(address)).toThrow(ResultStoreError);
});
