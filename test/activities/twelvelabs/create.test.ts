import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createCreateTwelveLabsUpload, type TwelveLabsUpload } from '../../../src/activities/twelvelabs/create.ts';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import {
  type Answer,
  startTwelveLabsServer,
  type TwelveLabsServer,
} from '../../providers/twelvelabs/twelvelabs-server.ts';

const source: SourceDescription = {
  uri: 'file:///media/match.mp4',
  fileName: 'match.mp4',
  sizeBytes: 9000,
  mediaType: 'video/mp4',
  fingerprint: 'f1',
  durationSeconds: null,
};
const post = 'POST /v1.3/assets/multipart-uploads';
const list = 'GET /v1.3/assets/multipart-uploads';
const intendedAtMs = Date.parse('2026-11-01T10:00:00Z');
const session = (upload_id: string, created_at: string, more: object = {}) => ({
  ...{ upload_id, status: 'active', total_size: 9000, chunk_size: 4096, total_chunks: 3, created_at },
  ...more,
});

describe('createTwelveLabsUpload', () => {
  let server: TwelveLabsServer;
  let sessions: object[];
  let assets: object[];
  let created: object;
  beforeAll(async () => {
    server = await startTwelveLabsServer();
    server.answer = ({ method, path }): Answer => {
      if (method === 'POST') return { status: 201, body: created };
      return { body: { data: path === '/v1.3/assets' ? assets : sessions, page_info: { page: 1, total_page: 1 } } };
    };
  });
  beforeEach(() => {
    server.requests.length = 0;
    sessions = [];
    assets = [];
    created = {
      upload_id: 'made',
      asset_id: 'a1',
      chunk_size: 4096,
      upload_urls: [{ chunk_index: 1, url: 'https://s?sig=1' }],
    };
  });
  afterAll(() => server.close());

  const createWith = (input: object = {}, info: object = {}) => {
    const environment = new MockActivityEnvironment(info);
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details) => heartbeats.push(details));
    const activity = createCreateTwelveLabsUpload({ connect: () => Promise.resolve(server.connection) });
    return { made: environment.run(activity, { source, options: {}, ...input }), heartbeats };
  };
  const after = (known: string[]) => ({ attempt: 2, heartbeatDetails: { known, atMs: intendedAtMs } });

  it('remembers like sessions before it creates, and gives addresses not on, and other headers only sealed', async () => {
    sessions = [session('old', '2026-11-01T09:00:00Z'), session('large', '2026-11-01T09:00:00Z', { total_size: 1 })];
    created = { ...created, upload_headers: { 'Content-Type': 'video/mp4', Authorization: 'AWS4 secret' } };
    const { made, heartbeats } = createWith({ options: { filename: 'final.mp4', user_metadata: { season: 3 } } });
    await expect(made).resolves.toEqual({
      uploadId: 'made',
      assetId: 'a1',
      chunkSizeBytes: 4096,
      partHeaders: { 'content-type': 'video/mp4' },
      sealedHeaders: expect.any(String) as string,
    });
    const { sealedHeaders = '' } = (await made) as TwelveLabsUpload;
    expect(sealedHeaders).not.toMatch(/AWS4|secret|authorization/i);
    expect(server.connection.open(sealedHeaders)).toBe('[["authorization","AWS4 secret"]]');
    expect(heartbeats.at(-1)).toEqual({ known: ['old'], atMs: expect.any(Number) as number });
    expect(server.asked()).toEqual([list, post]);
    const body = { filename: 'final.mp4', type: 'video', total_size: 9000, user_metadata: { season: 3 } };
    expect(server.requests[1]?.body).toEqual(body);
  });

  it('adopts the one session that appeared since, and finds its asset by name and time', async () => {
    sessions = [session('old', '2026-11-01T10:00:01Z'), session('lost', '2026-11-01T10:00:02Z')];
    assets = [
      { _id: 'earlier', filename: 'match.mp4', created_at: '2026-11-01T08:00:00Z' },
      { _id: 'a7', filename: 'match.mp4', created_at: '2026-11-01T10:00:02Z' },
    ];
    const { made } = createWith({}, after(['old']));
    await expect(made).resolves.toMatchObject({ uploadId: 'lost', assetId: 'a7', chunkSizeBytes: 4096 });
    expect(server.asked()).not.toContain(post);
  });

  it('leaves the asset open where it cannot be told', async () => {
    sessions = [session('lost', '2026-11-01T10:00:02Z')];
    const { made } = createWith({}, after([]));
    await expect(made).resolves.toMatchObject({ uploadId: 'lost', assetId: null });
  });

  test.each([
    ['none is there', []],
    ['the only one was known before', [session('old', '2026-11-01T10:00:02Z')]],
    ['the only one is older', [session('s', '2026-11-01T09:59:00Z')]],
    ['the only one is much younger', [session('s', '2026-11-01T10:05:00Z')]],
    ['the only one has another size', [session('s', '2026-11-01T10:00:02Z', { total_size: 9001 })]],
    ['the only one has ended', [session('s', '2026-11-01T10:00:02Z', { status: 'expired' })]],
    ['the only one has no time', [session('s', '2026-11-01T10:00:02Z', { created_at: null })]],
    ['there are two', [session('s', '2026-11-01T10:00:02Z'), session('t', '2026-11-01T10:00:02Z')]],
  ])('creates another one where %s', async (_where, found) => {
    sessions = found;
    const { made } = createWith({}, after(['old']));
    await expect(made).resolves.toMatchObject({ uploadId: 'made' });
  });

  test.each([
    ['a type that cannot be told', { mediaType: 'application/mxf' }, {}, /^type: .*application\/mxf/],
    ['an image that is too large', { mediaType: 'image/png', sizeBytes: 32_000_001 }, {}, /32000000 of image/],
    ['a file that is too large for the type that was given', { sizeBytes: 40_000_000 }, { type: 'image' }, /of image/],
  ])('refuses %s before any call', async (_what, change, options, message) => {
    const { made } = createWith({ source: { ...source, ...change }, options });
    await expect(made).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: expect.stringMatching(message) as string,
    });
    expect(server.requests).toEqual([]);
  });
});
