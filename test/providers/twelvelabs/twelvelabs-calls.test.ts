import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import {
  deleteTwelveLabsAsset,
  readTwelveLabsAsset,
} from '../../../src/providers/twelvelabs/twelvelabs-asset-calls.ts';
import {
  createTwelveLabsSession,
  listTwelveLabsChunks,
  reportTwelveLabsChunks,
  requestTwelveLabsUrls,
} from '../../../src/providers/twelvelabs/twelvelabs-session-calls.ts';
import { startTwelveLabsServer, testKey, type TwelveLabsServer } from './twelvelabs-server.ts';

const signal = new AbortController().signal;

describe('the calls to TwelveLabs', () => {
  let server: TwelveLabsServer;
  beforeAll(async () => {
    server = await startTwelveLabsServer();
  });
  beforeEach(() => {
    server.requests.length = 0;
  });
  afterAll(() => server.close());

  it('create a session with the key in x-api-key and the vendor’s names', async () => {
    server.answer = () => ({ status: 201, body: { upload_id: 'u1', asset_id: 'a1', chunk_size: 5, total_chunks: 2 } });
    const body = { filename: 'match.mp4', type: 'video', total_size: 9, enable_hls: true } as const;
    await expect(createTwelveLabsSession(server.connection, body, signal)).resolves.toMatchObject({ asset_id: 'a1' });
    expect(server.requests).toMatchObject([{ method: 'POST', path: '/v1.3/assets/multipart-uploads', body }]);
    expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': testKey, 'content-type': 'application/json' });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('take a session whose asset is not named, and none whose chunk size is not', async () => {
    const create = () =>
      createTwelveLabsSession(server.connection, { filename: 'a', type: 'audio', total_size: 1 }, signal);
    server.answer = () => ({ body: { upload_id: 'u1', chunk_size: 5 } });
    await expect(create()).resolves.toEqual({ upload_id: 'u1', chunk_size: 5 });
    server.answer = () => ({ body: { upload_id: 'u1' } });
    await expect(create()).rejects.toMatchObject({ kind: 'unexpected-response' });
  });

  it('ask for the largest pages, under the name that the request has and not the answer', async () => {
    server.answer = ({ query }) => ({
      body: {
        status: 'active',
        uploaded_chunks: [{ index: Number(query['page']), status: 'completed' }],
        page_info: { limit_per_page: 50, page: Number(query['page']), total_page: 3, total_results: 150 },
      },
    });
    const { rows, pages } = await listTwelveLabsChunks(server.connection, 'u1', signal);
    expect(server.requests.map(({ query }) => query)).toEqual(
      ['1', '2', '3'].map((page) => ({ page, page_limit: '50' })),
    );
    expect(server.asked()[0]).toBe('GET /v1.3/assets/multipart-uploads/u1');
    expect(rows.map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(pages).toHaveLength(3);
  });

  it('ask for addresses by start and count', async () => {
    const upload_urls = [{ chunk_index: 11, url: 'https://storage.example/11?sig=s', expires_at: null }];
    server.answer = () => ({ body: { upload_urls } });
    const input = { uploadId: 'u1', start: 11, count: 1, signal };
    const { data } = await requestTwelveLabsUrls(server.connection, input);
    expect(data.upload_urls).toEqual([{ chunk_index: 11, url: 'https://storage.example/11?sig=s' }]);
    expect(server.requests).toMatchObject([
      { path: '/v1.3/assets/multipart-uploads/u1/presigned-urls', method: 'POST', body: { start: 11, count: 1 } },
    ]);
  });

  it('report chunks with their ETags as proof, and read no counts from the answer', async () => {
    // The vendor's sample reports one chunk and is told that five were processed.
    server.answer = () => ({ body: { asset_id: 'a1', processed_chunks: 5, duplicate_chunks: 0, total_completed: 5 } });
    const chunks = [{ index: 2, etag: 'abc', sizeBytes: 7 }];
    const report = { uploadId: 'u1', chunks, signal };
    await expect(reportTwelveLabsChunks(server.connection, report)).resolves.toEqual({ assetId: 'a1' });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1.3/assets/multipart-uploads/u1',
        body: { completed_chunks: [{ chunk_index: 2, proof: 'abc', proof_type: 'etag', chunk_size: 7 }] },
      },
    ]);
  });

  it('give the whole asset', async () => {
    const body = { _id: 'a1', status: 'ready', anything: { else: [1] } };
    server.answer = () => ({ body });
    await expect(readTwelveLabsAsset(server.connection, 'a1', signal)).resolves.toEqual(body);
  });

  test.each([
    [200, 'deleted'],
    [204, 'deleted'],
    [404, 'deleted'],
    [409, 'in-use'],
  ])('take %i after a delete for %s, without force', async (status, end) => {
    const body = status === 404 ? { code: 'resource_not_exists', message: 'no such asset' } : undefined;
    server.answer = () => ({ status, body });
    await expect(deleteTwelveLabsAsset(server.connection, 'a1', signal)).resolves.toBe(end);
    expect(server.requests[0]).toMatchObject({ method: 'DELETE', path: '/v1.3/assets/a1', query: {} });
  });

  test.each([
    [400, { code: 'parameter_invalid', message: 'page is wrong' }, { kind: 'rejected', code: 'parameter_invalid' }],
    [401, { code: 'api_key_invalid', message: 'wrong' }, { kind: 'credential-refused' }],
    [403, { code: 'api_key_invalid', message: 'wrong' }, { kind: 'credential-refused' }],
    [403, { code: 'api_not_allowed', message: 'not for you' }, { kind: 'configuration-refused' }],
    [404, { code: 'resource_not_exist', message: 'gone' }, { kind: 'not-found', words: 'gone' }],
    [400, { code: 'resource_not_exist', message: 'gone' }, { kind: 'not-found', words: 'gone' }],
    [500, { code: 'resource_not_exist', message: 'gone' }, { kind: 'unavailable' }],
    [400, { code: 'too_many_requests', message: 'slow' }, { kind: 'rate-limited' }],
    [400, { code: 'api_key_invalid', message: 'wrong' }, { kind: 'credential-refused' }],
    [400, { code: 'constructor', message: 'wrong' }, { kind: 'rejected', code: 'constructor' }],
    [400, { code: 7, message: { text: 'no video' } }, { kind: 'rejected', code: '7', words: '{"text":"no video"}' }],
    [429, { code: 'too_many_requests', message: 'slow' }, { kind: 'rate-limited' }],
    [500, null, { kind: 'unavailable' }],
    [400, { code: null, message: null, docs_url: 'https://docs' }, { kind: 'rejected' }],
  ])('turn %i with %j into %j', async (status, body, facts) => {
    server.answer = () => ({ status, body });
    await expect(readTwelveLabsAsset(server.connection, 'a1', signal)).rejects.toMatchObject(facts);
  });

  it('keep a key that an error repeats out of their words', async () => {
    server.answer = () => ({ status: 400, body: { code: 'x', message: `bad key ${testKey}` } });
    const error: unknown = await readTwelveLabsAsset(server.connection, 'a1', signal).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).not.toContain(testKey);
  });
});
