import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createProviderAgents, type ProviderAgents } from '../../src/http/agents.ts';
import {
  createProviderConnection,
  type ProviderConnection,
} from '../../src/providers/connection/provider-connection.ts';
import { type ProviderName, providers } from '../../src/providers/registry.ts';
import { createSlngJob, listSlngOutputs, presignSlngUpload } from '../../src/providers/slng/slng-calls.ts';
import * as soket from '../../src/providers/soket/soket-calls.ts';
import {
  createTiroJob,
  readTiroSummary,
  readTiroTranscript,
  readTiroTranslation,
} from '../../src/providers/tiro/tiro-calls.ts';
import { readTwelveLabsAsset } from '../../src/providers/twelvelabs/twelvelabs-asset-calls.ts';
import * as sessions from '../../src/providers/twelvelabs/twelvelabs-session-calls.ts';
import { answer, type ApiServer, startApiServer } from '../http/api-server.ts';
import { everyResource } from './any-json.ts';
import { type FieldPath, withOneReplaced } from './any-one-field.ts';

// What is steered by: it may change what is read, or make a body unreadable.
const steering = new Set([
  ...['id', 'job_id', 'status', 'expired_at'],
  ...['total_files', 'completed', 'failed', 'uploading', 'pending', 'files_completed', 'files_failed'],
  ...['files_processing', 'processing_jobs', 'chunks_completed', 'chunks_failed', 'chunks_pending', 'uploaded_size'],
]);
const isSide = ([field]: FieldPath) => !steering.has(String(field));

const more = {
  ...{
    error: null,
    errors: null,
    error_message: null,
    errorMessage: null,
    created_at: null,
    estimated_completion_seconds: 1,
  },
  uploaded_chunks: [{ index: 1, status: 'completed', error: null }],
  ...{ submitted_at: null, input_metadata: { duration_seconds: 1 }, fileUploadedAt: null, processCompletedAt: null },
};

const fixtures = everyResource.flatMap(({ name, short, resource }) => {
  const folder = new URL(`../fixtures/${name}.${short}/`, import.meta.url);
  const bodies =
    short === 'file'
      ? [['failed', { file_id: 'f', status: 'failed', errors: ['noise'], result: null }] as const]
      : readdirSync(folder).map(
          (file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as object] as const,
        );
  return bodies.map(([file, body]) => ({ title: `${name}.${short} ${file}`, resource, body: { ...more, ...body } }));
});

test.each(fixtures)('any one side field of $title may be anything', ({ resource, body }) => {
  const { phase, status } = resource.read(body);
  fc.assert(
    fc.property(withOneReplaced(body, isSide), (changed) => {
      const reading = resource.read(changed);
      expect(reading).toMatchObject({ phase, status });
      expect(reading.message === null || typeof reading.message === 'string').toBe(true);
      expect(Object.values(reading.timestamps).every((time) => /^20\d\d-.*(Z|[+-]\d\d:\d\d)$/.test(time))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe('any one side field of what answers', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
  });
  afterEach(() => {
    server.requests.length = 0;
  });
  afterAll(async () => {
    await agents.close();
    await server.close();
  });

  const { signal } = new AbortController();
  const chunk = (index: number) => ({ index, status: 'completed', uploaded_at: null, updated_at: null, error: null });
  const link = (chunk_index: number) => ({ chunk_index, url: 'https://storage.example/p?sig=x', expires_at: null });
  const pageInfo = { limit_per_page: 50, page: 1, total_page: 1, total_results: 2 };
  const file = (file_id: string) => ({
    ...{ file_id, filename: `${file_id}.wav`, size_bytes: 3, estimated_duration_seconds: 1, gcs_key: 'k' },
    ...{ upload_status: 'completed', batch_upload_id: 'u', content_type: 'audio/wav' },
  });
  const result = (file_id: string) => ({
    file_id,
    filename: 'a.wav',
    status: 'completed',
    result: { text: 'x' },
    errors: null,
  });
  const job = { status: 'QUEUED', createdAt: '2026-11-01T10:00:00Z', error: null };
  const session = {
    upload_id: 'u1',
    status: 'active',
    total_size: 9,
    chunk_size: 5,
    total_chunks: 2,
    created_at: null,
  };

  interface Row {
    what: string;
    provider: ProviderName;
    status: number;
    body: object;
    /** What the answer is of no use without. */
    needed: string[];
    call: (connection: ProviderConnection) => Promise<unknown>;
    expected: unknown;
  }

  const rows: Row[] = [
    {
      ...{ what: 'a created Tiro job', provider: 'tiro', status: 201, needed: ['id', 'uploadUri'], expected: 'j' },
      body: { id: 'j', uploadUri: 'https://storage.example/p', ...job },
      call: async (c) => (await createTiroJob(c, {}, signal)).id,
    },
    {
      ...{ what: 'a Tiro transcript', provider: 'tiro', status: 200, needed: [], expected: 'object' },
      body: { jobId: 'j', text: 'x', segments: [{ text: 'x' }], language: 'en' },
      call: async (c) => typeof (await readTiroTranscript(c, 'j', signal)),
    },
    {
      ...{ what: 'a Tiro translation', provider: 'tiro', status: 200, needed: ['text'], expected: 'object' },
      body: { jobId: 'j', locale: 'ko_KR', text: 'x' },
      call: async (c) => typeof (await readTiroTranslation(c, 'j', 'ko_KR', signal)),
    },
    {
      ...{ what: 'a Tiro summary', provider: 'tiro', status: 200, needed: ['summary', 'content'], expected: 'x' },
      body: { jobId: 'j', locale: null, summary: { type: 'text/markdown', content: 'x' } },
      call: (c) => readTiroSummary(c, 'j', null, signal),
    },
    {
      ...{ what: 'a Soket upload', provider: 'soket', status: 202, needed: ['batch_upload_id'], expected: 'u' },
      body: { batch_upload_id: 'u', status: 'accepted', total_files: 1, spool_seconds: 1, files: [file('f')] },
      call: async (c) => (await soket.readSoketUpload(c, 'u', signal)).batch_upload_id,
    },
    {
      ...{ what: 'a list of Soket files', provider: 'soket', status: 200, needed: ['files', 'file_id'] },
      body: { page: 1, limit: 200, total_pages: 1, count: 2, files: [file('f'), file('g')], error: null },
      call: async (c) => idsOf((await soket.listSoketFiles(c, 1, signal)).files),
      expected: ['f', 'g'],
    },
    {
      ...{ what: 'a submitted Soket batch', provider: 'soket', status: 202, needed: ['batch_id'], expected: 'b' },
      body: { batch_id: 'b', total_jobs: 1, estimated_completion_seconds: 1, jobs: [{ file_id: 'f' }] },
      call: async (c) => (await soket.submitSoketBatch(c, { batch_upload_id: 'u' }, signal)).batch_id,
    },
    {
      ...{ what: 'a page of Soket results', provider: 'soket', status: 200, needed: ['files', 'file_id'] },
      body: { batch_id: 'b', page: 1, limit: 10, total_pages: 1, files: [result('f'), result('g')], error: null },
      call: async (c) => idsOf((await soket.readSoketResults(c, { batchId: 'b', page: 1, options: {}, signal })).files),
      expected: ['f', 'g'],
    },
    {
      ...{ what: 'a Soket file result', provider: 'soket', status: 200, needed: ['status'], expected: 'completed' },
      body: { ...result('f'), chunk_results: [] },
      call: async (c) => (await soket.readSoketFileResult(c, 'f', signal)).status,
    },
    {
      ...{ what: 'a created TwelveLabs session', provider: 'twelvelabs', status: 201, expected: ['u1', 5] },
      ...{ needed: ['upload_id', 'chunk_size'] },
      body: { ...session, asset_id: 'a', upload_urls: [link(1)], upload_headers: { 'Content-Type': 'video/mp4' } },
      call: async (c) => {
        const made = await sessions.createTwelveLabsSession(c, { filename: 'a', type: 'video', total_size: 9 }, signal);
        return [made.upload_id, made.chunk_size];
      },
    },
    {
      ...{ what: 'a list of TwelveLabs chunks', provider: 'twelvelabs', status: 200, expected: [1, 2] },
      ...{ needed: ['status', 'uploaded_chunks', 'index'] },
      body: { ...session, uploaded_chunks: [chunk(1), chunk(2)], page_info: pageInfo },
      call: async (c) => (await sessions.listTwelveLabsChunks(c, 'u1', signal)).rows.map(({ index }) => index),
    },
    {
      ...{ what: 'a list of TwelveLabs upload addresses', provider: 'twelvelabs', status: 200, expected: [1, 2] },
      ...{ needed: ['upload_urls', 'chunk_index', 'url'] },
      body: { upload_id: 'u1', start_index: 1, count: 2, upload_urls: [link(1), link(2)], generated_at: null },
      call: async (c) => {
        const { data } = await sessions.requestTwelveLabsUrls(c, { uploadId: 'u1', start: 1, count: 2, signal });
        return data.upload_urls.map((each) => each.chunk_index);
      },
    },
    {
      ...{ what: 'a TwelveLabs report', provider: 'twelvelabs', status: 200, needed: [], expected: 'object' },
      body: { asset_id: 'a', processed_chunks: 1, duplicate_chunks: 0, total_completed: 1 },
      call: async (c) => typeof (await sessions.reportTwelveLabsChunks(c, { uploadId: 'u1', chunks: [], signal })),
    },
    {
      ...{ what: 'a TwelveLabs asset', provider: 'twelvelabs', status: 200, needed: ['status'], expected: 'ready' },
      body: { _id: 'a', status: 'ready', filename: 'x', error: null, hls: { link: 'x' } },
      call: async (c) => (await readTwelveLabsAsset(c, 'a', signal)).status,
    },
    {
      ...{ what: 'a presigned SLNG upload', provider: 'slng', status: 200, expected: 'k' },
      ...{ needed: ['upload', 'url', 's3_key'] },
      body: {
        ...{ job_id: 'j1', transcription_config: { language: 'en' } },
        upload: { url: 'https://storage.example/p', s3_key: 'k', expires_in: 1800, headers: { 'Content-Type': 'x' } },
      },
      call: async (c) => {
        const request = { jobId: 'j1', fileName: 'a', mediaType: 'audio/wav', options: {} };
        return (await presignSlngUpload(c, request, signal)).upload.s3_key;
      },
    },
    {
      ...{ what: 'a created SLNG job', provider: 'slng', status: 202, needed: ['job_id'], expected: 'j1' },
      body: { job_id: 'j1', status: 'QUEUED' },
      call: (c) => createSlngJob(c, { jobId: 'j1', media: { s3_key: 'k' }, options: {}, echoedConfig: null }, signal),
    },
    {
      ...{ what: 'the outputs of an SLNG job', provider: 'slng', status: 200, expected: ['json'] },
      ...{ needed: ['outputs', 'format', 'download_url'] },
      body: {
        job_id: 'j1',
        inputs: [{}],
        outputs: [{ format: 'json', s3_uri: 's3://k', download_url: 'https://s.example/p' }],
      },
      call: async (c) => (await listSlngOutputs(c, 'j1', signal)).map(({ format }) => format),
    },
  ];

  test.each(rows)('$what may be anything', async ({ provider, status, body, needed, call, expected }) => {
    const connection = createProviderConnection({
      ...{ provider: providers[provider], baseUrl: server.url, key: 'canary-key', agents },
    });
    // A row of a list is needed as a whole, and only as far as its own fields are.
    const isFree = (path: FieldPath) => !needed.includes(String(path.at(-1))) && typeof path.at(-1) !== 'number';
    await fc.assert(
      fc.asyncProperty(withOneReplaced(body, isFree), async (changed) => {
        server.answers[0] = answer(status, changed);
        expect(await call(connection)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

const idsOf = (files: readonly { file_id: string }[]) => files.map(({ file_id }) => file_id);
