import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { ProviderApi, putBytes } from './provider-api.ts';

interface Session {
  upload_id: string;
  asset_id: string;
  upload_urls: { chunk_index: number; url: string; expires_at: string }[];
  upload_headers: Record<string, string>;
  chunk_size: number;
  total_chunks: number;
}

let simulator: Simulator;
let twelvelabs: ProviderApi;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-01T10:00:00Z') });
  simulator = await startSimulator({ chunkSizeBytes: 1000 });
  twelvelabs = new ProviderApi(simulator, 'twelvelabs', '/assets');
});

afterEach(async () => {
  await simulator.close();
  vi.useRealTimers();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

async function create(totalSize: number): Promise<Session> {
  const body = { filename: 'match.mp4', type: 'video', total_size: totalSize };
  const answer = await twelvelabs.json('POST', '/multipart-uploads', body);
  expect(answer.status).toBe(201);
  return answer.body as Session;
}

function bytesOf(session: Session, totalSize: number, index: number): Buffer<ArrayBuffer> {
  return Buffer.alloc(Math.min(session.chunk_size, totalSize - (index - 1) * session.chunk_size), index);
}

async function upload(session: Session, totalSize: number, index: number): Promise<string> {
  const url = await freshUrl(session, index);
  const put = await putBytes(url, bytesOf(session, totalSize, index), session.upload_headers);
  expect(put.status).toBe(200);
  return put.headers.get('etag') ?? '';
}

async function freshUrl(session: Session, start: number): Promise<string> {
  const path = `/multipart-uploads/${session.upload_id}/presigned-urls`;
  const { upload_urls } = (await twelvelabs.json('POST', path, { start, count: 1 })).body as Session;
  return upload_urls[0]?.url ?? '';
}

async function report(session: Session, totalSize: number, ...chunks: [index: number, proof: string][]) {
  const completed_chunks = chunks.map(([chunk_index, proof]) => ({
    chunk_index,
    proof,
    proof_type: 'etag',
    chunk_size: bytesOf(session, totalSize, chunk_index).length,
  }));
  return await twelvelabs.json('POST', `/multipart-uploads/${session.upload_id}`, { completed_chunks });
}

async function status(session: Session, query = '') {
  return (await twelvelabs.get(`/multipart-uploads/${session.upload_id}${query}`)).body;
}

async function uploadAll(session: Session, totalSize: number) {
  const chunks: [number, string][] = [];
  for (let index = 1; index <= session.total_chunks; index += 1) {
    chunks.push([index, await upload(session, totalSize, index)]);
  }
  return await report(session, totalSize, ...chunks);
}

test('a new session gives the first ten URLs for an hour and lives for a day', async () => {
  const session = await create(12_500);
  expect(session).toMatchObject({
    chunk_size: 1000,
    total_chunks: 13,
    upload_headers: { 'Content-Type': 'application/octet-stream' },
    expires_at: '2026-11-02T10:00:00.000Z',
  });
  expect(session.upload_urls.map(({ chunk_index }) => chunk_index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(session.upload_urls[0]?.expires_at).toBe('2026-11-01T11:00:00.000Z');
});

test('the session stays active for a moment with full counters, then the asset is processed', async () => {
  const session = await create(2500);
  expect((await uploadAll(session, 2500)).body).toEqual({
    asset_id: session.asset_id,
    processed_chunks: 3,
    duplicate_chunks: 0,
    total_completed: 3,
    url: expect.stringContaining(session.asset_id) as string,
  });
  expect(await status(session)).toMatchObject({
    status: 'active',
    chunks_completed: 3,
    chunks_failed: 0,
    chunks_pending: 0,
    total_size: 2500,
    uploaded_size: 2500,
  });
  pass(2);
  expect(await status(session)).toMatchObject({ status: 'completed' });
  const asset = async () => (await twelvelabs.get(`/${session.asset_id}`)).body;
  expect(await asset()).toMatchObject({ _id: session.asset_id, status: 'processing', method: 'multipart' });
  pass(20);
  expect(await asset()).toMatchObject({ status: 'ready', size: 2500, technical_metadata: { file_size_bytes: 2500 } });
  const sums = simulator.objects('twelvelabs').map(({ partIndex, sha256 }) => [partIndex, sha256]);
  const sha256 = (index: number) =>
    createHash('sha256')
      .update(bytesOf(session, 2500, index))
      .digest('hex');
  expect(sums).toEqual([1, 2, 3].map((index) => [index, sha256(index)]));
});

test('reports may come in any order, twice, quoted or not', async () => {
  const session = await create(2500);
  const tags = [await upload(session, 2500, 1), await upload(session, 2500, 2), await upload(session, 2500, 3)];
  expect(tags[0]).toMatch(/^"[0-9a-f]{32}"$/);
  const [first = '', second = '', third = ''] = tags;
  const early = await report(session, 2500, [3, third.replaceAll('"', '')], [1, first]);
  expect(early.body).toMatchObject({ processed_chunks: 2, duplicate_chunks: 0, total_completed: 2 });
  expect(early.body).not.toHaveProperty('url');
  const late = await report(session, 2500, [1, first], [2, second]);
  expect(late.body).toMatchObject({ processed_chunks: 1, duplicate_chunks: 1, total_completed: 3 });
  expect(late.body).toHaveProperty('url');
});

test.each([
  ['one byte too many in the middle', 2, 1001, 'EntityTooLarge'],
  ['one byte too few in the middle', 2, 999, 'EntityTooSmall'],
  ['a whole part where the rest is shorter', 3, 1000, 'EntityTooLarge'],
  ['a rest that is too short', 3, 499, 'EntityTooSmall'],
  ['nothing', 1, 0, 'EntityTooSmall'],
])('storage refuses a part whose length is not the session’s: %s', async (_name, index, length, code) => {
  const session = await create(2500);
  const put = await putBytes(await freshUrl(session, index), Buffer.alloc(length), session.upload_headers);
  expect(put).toMatchObject({ status: 400, body: expect.stringContaining(`<Code>${code}</Code>`) as string });
  expect(simulator.objects()).toEqual([]);
});

test('an asset is the parts as they were last sent before all were reported', async () => {
  const session = await create(2500);
  const put = async (index: number, fill: number) => {
    const bytes = Buffer.alloc(index === 3 ? 500 : 1000, fill);
    const { headers } = await putBytes(await freshUrl(session, index), bytes, session.upload_headers);
    return headers.get('etag') ?? '';
  };
  const [third, first] = [await put(3, 3), await put(1, 1)];
  await put(2, 9);
  await report(session, 2500, [3, third], [1, first], [2, await put(2, 2)]);
  await put(2, 7);
  pass(100);
  const whole = Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(1000, 2), Buffer.alloc(500, 3)]);
  const media = { sha256: createHash('sha256').update(whole).digest('hex'), size_bytes: 2500 };
  expect((await twelvelabs.get(`/${session.asset_id}`)).body).toMatchObject({
    content: `sha256 ${media.sha256} bytes 2500`,
    media,
    ids: { asset_id: session.asset_id, upload_id: session.upload_id },
  });
});

test('a session is an orphan without media until all its parts are there, and shows what was noted on it', async () => {
  const user_metadata = { note: 'k3q9x2' };
  const body = { filename: 'match.mp4', type: 'video', total_size: 500, user_metadata };
  const session = (await twelvelabs.json('POST', '/multipart-uploads', body)).body as Session;
  const known = () => simulator.jobs('twelvelabs').find(({ id }) => id === session.upload_id);
  await upload(session, 500, 1);
  expect(known()).toMatchObject({ orphan: true, media: [], filenames: ['match.mp4'] });
  expect((await twelvelabs.get(`/${session.asset_id}`)).body).toMatchObject({ user_metadata });
  expect(simulator.jobs('twelvelabs')).toMatchObject([{ resource: 'asset', userMetadata: user_metadata }, {}]);
  await uploadAll(session, 500);
  expect(known()).toMatchObject({ orphan: false, media: [{ sizeBytes: 500 }] });
  await twelvelabs.send('DELETE', `/${session.asset_id}`);
  expect(known()).toMatchObject({ media: [] });
});

test('a wrong ETag fails the chunk until it is uploaded and reported again', async () => {
  const session = await create(1500);
  const first = await upload(session, 1500, 1);
  const second = await upload(session, 1500, 2);
  await report(session, 1500, [1, first], [2, 'wrong']);
  expect(await status(session)).toMatchObject({
    status: 'active',
    chunks_completed: 1,
    chunks_failed: 1,
    chunks_pending: 0,
    uploaded_chunks: [
      { index: 1, status: 'completed' },
      { index: 2, status: 'failed', uploaded_at: null, error: 'The ETag does not match the uploaded chunk' },
    ],
  });
  await report(session, 1500, [2, second]);
  expect(await status(session)).toMatchObject({ chunks_failed: 1 });
  await report(session, 1500, [2, await upload(session, 1500, 2)]);
  expect(await status(session)).toMatchObject({ chunks_failed: 0, chunks_completed: 2 });
  expect(simulator.counters().parts[session.upload_id]).toEqual({ 1: 1, 2: 2 });
});

test('a part URL serves one request, demands its headers and ends after an hour', async () => {
  const session = await create(2500);
  const part = bytesOf(session, 2500, 1);
  const [one, two, three] = session.upload_urls.map(({ url }) => url);
  expect((await putBytes(one ?? '', part, { 'content-type': 'video/mp4' })).body).toContain('SignatureDoesNotMatch');
  expect((await putBytes(one ?? '', part, session.upload_headers)).body).toContain('already used');
  expect((await putBytes(two ?? '', part, session.upload_headers)).status).toBe(200);
  expect((await putBytes(two ?? '', part, session.upload_headers)).status).toBe(403);
  pass(3600);
  expect((await putBytes(three ?? '', part, session.upload_headers)).body).toContain('expired');
});

test('a part URL may be made good for several requests, as presigned URLs of S3 are', async () => {
  simulator.setPlan('twelvelabs', { reusableUrls: true });
  const session = await create(2500);
  const url = session.upload_urls[0]?.url ?? '';
  const part = bytesOf(session, 2500, 1);
  expect((await putBytes(url, part, session.upload_headers)).status).toBe(200);
  expect((await putBytes(url, part, session.upload_headers)).status).toBe(200);
});

test('pages of parts carry limit_per_page and are empty past the end', async () => {
  const session = await create(12_000);
  await uploadAll(session, 12_000);
  expect(await status(session)).toMatchObject({
    page_info: { limit_per_page: 10, page: 1, total_page: 2, total_results: 12 },
  });
  expect(await status(session, '?page=2')).toMatchObject({ uploaded_chunks: [{ index: 11 }, { index: 12 }] });
  expect(await status(session, '?page=3')).toMatchObject({ uploaded_chunks: [] });
  expect(await status(session, '?page_limit=50')).toMatchObject({ page_info: { limit_per_page: 50, total_page: 1 } });
  expect(await status(session, '?page_limit=51')).toMatchObject({ code: 'parameter_invalid' });
});

test('presigned URLs come up to fifty at a time', async () => {
  const session = await create(60_000);
  const path = `/multipart-uploads/${session.upload_id}/presigned-urls`;
  expect((await twelvelabs.json('POST', path, { start: 20, count: 50 })).body).toMatchObject({
    upload_id: session.upload_id,
    start_index: 20,
    count: 41,
  });
  for (const body of [
    { start: 1, count: 51 },
    { start: 0, count: 1 },
    { start: 61, count: 1 },
    { page: 1, limit: 2 },
  ]) {
    expect((await twelvelabs.json('POST', path, body)).status).toBe(400);
  }
});

test('incomplete sessions are listed without filename and asset id', async () => {
  const done = await create(500);
  await uploadAll(done, 500);
  pass(2);
  const open = await create(2500);
  expect((await twelvelabs.get('/multipart-uploads')).body).toEqual({
    data: [
      {
        upload_id: open.upload_id,
        status: 'active',
        total_size: 2500,
        chunk_size: 1000,
        total_chunks: 3,
        created_at: '2026-11-01T10:00:02.000Z',
        expires_at: '2026-11-02T10:00:02.000Z',
      },
    ],
    page_info: { limit_per_page: 10, page: 1, total_page: 1, total_results: 1 },
  });
});

test('a session expires after a day and takes no more reports', async () => {
  const session = await create(500);
  const tag = await upload(session, 500, 1);
  pass(24 * 3600);
  expect(await status(session)).toMatchObject({ status: 'expired' });
  expect((await report(session, 500, [1, tag])).status).toBe(400);
});

test.each([
  { type: 'video', total_size: 10 },
  { filename: 'a.mp4', total_size: 10 },
  { filename: 'a.mp4', type: 'film', total_size: 10 },
  { filename: 'a.mp4', type: 'video', total_size: 0 },
  { filename: 'a.mp4', type: 'video', total_size: 10 * 1024 ** 3 + 1 },
  { filename: 'a.png', type: 'image', total_size: 32 * 1024 ** 2 + 1 },
])('create refuses %j', async (body) => {
  const answer = await twelvelabs.json('POST', '/multipart-uploads', body);
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'parameter_invalid', message: expect.any(String) as string },
  });
});

test.each([
  ['GET', '/multipart-uploads/nobody', 404],
  ['GET', '/nobody', 400],
  ['DELETE', '/nobody', 400],
])('the unknown is told by its code: %s %s is %i', async (method, path, status) => {
  expect(await twelvelabs.send(method, path)).toMatchObject({ status, body: { code: 'resource_not_exist' } });
});

test('a bad key is 403', async () => {
  expect((await fetch(`${twelvelabs.base}/x`, { headers: { 'x-api-key': 'nobody' } })).status).toBe(403);
  expect((await fetch(`${twelvelabs.base}/x`, { headers: { authorization: 'Bearer x' } })).status).toBe(403);
});

test('assets are uploaded directly, listed and deleted', async () => {
  const form = new FormData();
  form.set('method', 'direct');
  form.set('file', new Blob([Buffer.alloc(2000)], { type: 'video/mp4' }), 'small.mp4');
  const created = await twelvelabs.form('', form);
  expect(created).toMatchObject({
    status: 201,
    body: { method: 'direct', status: 'processing', filename: 'small.mp4' },
  });
  const { _id } = created.body as { _id: string };
  expect((await twelvelabs.get('?filename=small.mp4')).body).toMatchObject({ data: [{ _id }] });
  expect((await twelvelabs.get('?asset_ids=nobody')).body).toMatchObject({ data: [] });
  simulator.setPlan('twelvelabs', { jobId: _id, assetReferenced: true });
  expect((await twelvelabs.send('DELETE', `/${_id}`)).status).toBe(409);
  expect((await twelvelabs.send('DELETE', `/${_id}?force=true`)).status).toBe(200);
  expect((await twelvelabs.get(`/${_id}`)).status).toBe(400);
});

describe('plans', () => {
  test('fail a part some times though it was reported well', async () => {
    simulator.setPlan('twelvelabs', { failedChunks: [{ index: 2, times: 2 }] });
    const session = await create(1500);
    await uploadAll(session, 1500);
    expect(await status(session)).toMatchObject({
      chunks_failed: 1,
      uploaded_chunks: [{}, { error: 'Upload timeout' }],
    });
    await report(session, 1500, [2, await upload(session, 1500, 2)]);
    expect(await status(session)).toMatchObject({ chunks_failed: 1 });
    await report(session, 1500, [2, await upload(session, 1500, 2)]);
    expect(await status(session)).toMatchObject({ chunks_failed: 0, chunks_completed: 2 });
  });

  test('hold a session active', async () => {
    simulator.setPlan('twelvelabs', { holdActive: true });
    const session = await create(500);
    await uploadAll(session, 500);
    pass(3600);
    expect(await status(session)).toMatchObject({ status: 'active', chunks_completed: 1, chunks_pending: 0 });
  });

  test.each(['failed', 'expired'] as const)('end a session as %s after some parts', async (ending) => {
    simulator.setPlan('twelvelabs', { sessionEnd: { status: ending, afterParts: 1 } });
    const session = await create(1500);
    await report(session, 1500, [1, await upload(session, 1500, 1)]);
    expect(await status(session)).toMatchObject({ status: ending });
    const path = `/multipart-uploads/${session.upload_id}/presigned-urls`;
    expect((await twelvelabs.json('POST', path, { start: 2, count: 1 })).status).toBe(400);
  });

  test('fail the asset of a completed session', async () => {
    simulator.setPlan('twelvelabs', { outcome: 'failed', message: 'no video stream', durationMs: 1000 });
    const session = await create(500);
    await uploadAll(session, 500);
    pass(3);
    expect(await status(session)).toMatchObject({ status: 'completed' });
    const asset = (await twelvelabs.get(`/${session.asset_id}`)).body;
    expect(asset).toMatchObject({ status: 'failed', error: { message: 'no video stream' } });
  });

  test('choose the part size, demand more headers and list untouched parts', async () => {
    const uploadHeaders = { 'x-amz-server-side-encryption': 'AES256' };
    simulator.setPlan('twelvelabs', { chunkSizeBytes: 100, uploadHeaders, listAllChunks: true });
    const session = await create(250);
    expect(session).toMatchObject({ chunk_size: 100, total_chunks: 3, upload_headers: uploadHeaders });
    const url = session.upload_urls[0]?.url ?? '';
    const onlyType = { 'content-type': 'application/octet-stream' };
    expect((await putBytes(url, bytesOf(session, 250, 1), onlyType)).status).toBe(403);
    expect(await status(session)).toMatchObject({ uploaded_chunks: [{ status: 'pending' }, {}, {}] });
  });

  test('script the session and its asset apart', async () => {
    simulator.setPlan('twelvelabs', {
      script: [{ status: 'assembling', polls: 1 }],
      assetScript: [{ status: 'waiting', polls: 1 }],
    });
    const session = await create(500);
    expect(await status(session)).toMatchObject({ status: 'assembling' });
    expect((await twelvelabs.get(`/${session.asset_id}`)).body).toMatchObject({ status: 'waiting' });
    expect(await status(session)).toMatchObject({ status: 'active' });
    expect((await twelvelabs.get(`/${session.asset_id}`)).body).toMatchObject({ status: 'processing' });
  });
});
