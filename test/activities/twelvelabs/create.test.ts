import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { CreateTwelveLabsUploadInput, TwelveLabsUpload } from '../../../src/activities/twelvelabs/create.ts';
import {
  createTwelveLabsActivities,
  type TwelveLabsActivities,
} from '../../../src/activities/twelvelabs/twelvelabs.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import {
  type Answer,
  startTwelveLabsServer,
  type TwelveLabsServer,
} from '../../providers/twelvelabs/twelvelabs-server.ts';
import { Attempts, inAttempt } from '../../setup/attempts.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

const source: SourceDescription = {
  uri: 'file:///media/match.mp4',
  fileName: 'match.mp4',
  sizeBytes: 9000,
  mediaType: 'video/mp4',
  fingerprint: 'f1',
  durationSeconds: null,
};
const marker = '0123456789abcdef';
const post = 'POST /v1.3/assets/multipart-uploads';

describe('createTwelveLabsUpload', () => {
  let server: TwelveLabsServer;
  let created: object;
  let activity: TwelveLabsActivities['calls']['createTwelveLabsUpload'];
  beforeAll(async () => {
    server = await startTwelveLabsServer();
    activity = createTwelveLabsActivities({
      connect: () => Promise.resolve(server.connection),
      inspectSource: () => Promise.reject(new Error('not here')),
      openSource: () => Promise.reject(new Error('not here')),
      results: createDirectoryResultStore('nowhere'),
      timeScale: 100,
      random: () => 0.5,
      looks: new LookPlanner({ timeScale: 100, random: () => 0.5 }),
    }).calls.createTwelveLabsUpload;
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answer = () => ({ status: 201, body: created });
    created = {
      upload_id: 'made',
      asset_id: 'a1',
      chunk_size: 4096,
      upload_urls: [{ chunk_index: 1, url: 'https://s?sig=1' }],
    };
  });
  afterAll(() => server.close());

  const inputOf = (change: Partial<CreateTwelveLabsUploadInput> = {}): CreateTwelveLabsUploadInput => ({
    ...{ source, options: {}, marker },
    ...change,
  });
  const createWith = (change: Partial<CreateTwelveLabsUploadInput> = {}, info: object = {}) =>
    inAttempt(info).run<[CreateTwelveLabsUploadInput], TwelveLabsUpload, typeof activity>(activity, inputOf(change));

  it('fails where the chunks are so small that there would be millions of them, and says so', async () => {
    created = { ...created, chunk_size: 5 };
    const large = { source: { ...source, sizeBytes: 500_000_000 } };
    const attempts = new Attempts(activity, inputOf(large));
    for (const nonRetryable of [false, false, true]) {
      expect((await attempts.next()).error).toMatchObject({
        ...{ type: 'UnexpectedResponse', nonRetryable },
        message: expect.stringContaining('chunk_size: 5 makes 100000000 chunks of the file') as string,
      });
    }
  });

  it('asks once, and gives addresses not on, and other headers only sealed', async () => {
    created = { ...created, upload_headers: { 'Content-Type': 'video/mp4', Authorization: 'AWS4 secret' } };
    const made: TwelveLabsUpload = await createWith({ options: { filename: 'final.mp4' } });
    expect(made).toEqual({
      uploadId: 'made',
      assetId: 'a1',
      chunkSizeBytes: 4096,
      partHeaders: { 'content-type': 'video/mp4' },
      sealedHeaders: expect.any(String) as string,
    });
    const { sealedHeaders = '' } = made;
    expect(sealedHeaders).not.toMatch(/AWS4|secret|authorization/i);
    expect(server.connection.open(sealedHeaders)).toBe('[["authorization","AWS4 secret"]]');
    expect(server.asked()).toEqual([post]);
  });

  test.each([
    ['without any', undefined, { provider_jobs: marker }],
    ['beside those of the user', { season: 3, live: true }, { season: 3, live: true, provider_jobs: marker }],
  ])('puts the marker of the job into the metadata %s, and leaves the name alone', async (_what, given, sent) => {
    await createWith({ options: { user_metadata: given } });
    expect(server.requests[0]?.body).toEqual({
      ...{ filename: 'match.mp4', type: 'video', total_size: 9000 },
      user_metadata: sent,
    });
  });

  it('sends no marker where workflow code of 0.1 gives none', async () => {
    await createWith({ marker: undefined });
    expect(server.requests[0]?.body).toEqual({ filename: 'match.mp4', type: 'video', total_size: 9000 });
    await createWith({ marker: undefined, options: { user_metadata: { season: 3 } } });
    expect(server.requests[1]?.body).toMatchObject({ user_metadata: { season: 3 } });
  });

  test.each<[string, Answer]>([
    ['a lost answer', 'cut'],
    ['an error of a gateway', { status: 504 }],
    ['a body without an id', { status: 201, body: {} }],
    ['a refusal that passes', { status: 429 }],
  ])('takes nothing that it finds for its own after %s, and makes a new session', async (_what, trouble) => {
    const attempts = new Attempts(activity, inputOf());
    server.answer = () => trouble;
    expect((await attempts.next()).error).toMatchObject({ name: 'ApplicationFailure', nonRetryable: false });
    server.answer = () => ({ status: 201, body: created });
    expect((await attempts.next()).result).toMatchObject({ uploadId: 'made', assetId: 'a1' });
    expect(server.asked()).toEqual([post, post]);
    expect(server.requests.map(({ body }) => (body as { user_metadata: object }).user_metadata)).toEqual(
      Array(2).fill({ provider_jobs: marker }),
    );
  });

  it('makes a new session after an attempt that died, also of 0.1', async () => {
    const heartbeatDetails = { known: ['old'], atMs: 1 };
    await expect(createWith({}, { attempt: 2 })).resolves.toMatchObject({ uploadId: 'made' });
    await expect(createWith({}, { attempt: 2, heartbeatDetails })).resolves.toMatchObject({ uploadId: 'made' });
    expect(server.asked()).toEqual([post, post]);
  });

  it('leaves the asset open where the answer does not name it', async () => {
    created = { upload_id: 'made', chunk_size: 4096 };
    await expect(createWith()).resolves.toMatchObject({ uploadId: 'made', assetId: null });
  });

  it('keeps the ids where it is cancelled while it asks', async () => {
    const environment = inAttempt();
    server.answer = () => {
      environment.cancel('CANCELLED');
      return { status: 201, body: created };
    };
    await expect(environment.run(activity, inputOf())).resolves.toMatchObject({ uploadId: 'made', assetId: 'a1' });
  });

  test.each([
    ['a type that cannot be told', { mediaType: 'application/mxf' }, {}, /^type: .*application\/mxf/],
    ['an image that is too large', { mediaType: 'image/png', sizeBytes: 32_000_001 }, {}, /32000000 of image/],
    ['a file that is too large for the type that was given', { sizeBytes: 40_000_000 }, { type: 'image' }, /of image/],
  ] as const)('refuses %s before any call', async (_what, change, options, message) => {
    await expect(createWith({ source: { ...source, ...change }, options })).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: expect.stringMatching(message) as string,
    });
    expect(server.requests).toEqual([]);
  });
});
