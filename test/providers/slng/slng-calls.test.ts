import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import {
  createSlngJob,
  deleteSlngJob,
  listSlngOutputs,
  presignSlngUpload,
} from '../../../src/providers/slng/slng-calls.ts';
import { type SlngServer, startSlngServer, testKey } from './slng-server.ts';

const { signal } = new AbortController();
const options = {
  transcription_config: { language: 'de', diarization: 'speaker' as const },
  model_code: 'slng/speechmatics/batch:15.0.0',
  metadata: { episode: 7 },
  tracking: { title: 'Talk', tags: ['a'] },
  output_config: { srt_overrides: { max_lines: 2 } },
};
const presigned = {
  job_id: 'pj1',
  transcription_config: { language: 'de', operating_point: 'standard' },
  input_s3_uri: 's3://bucket/in',
  upload: {
    url: 'https://storage.example/in?X-Amz-Signature=abc',
    s3_key: 'in/talk.wav',
    s3_uri: 's3://bucket/in',
    expires_in: 1800,
    headers: { 'Content-Type': 'audio/wav' },
  },
};

describe('the calls to SLNG', () => {
  let server: SlngServer;
  beforeAll(async () => {
    server = await startSlngServer();
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answers.length = 0;
  });
  afterAll(() => server.close());

  const presign = () =>
    presignSlngUpload(
      server.connection,
      { jobId: 'pj1', fileName: 'talk.wav', mediaType: 'audio/wav', options },
      signal,
    );
  const create = (media: { input_url: string } | { s3_key: string }, echoedConfig: Record<string, unknown> | null) =>
    createSlngJob(server.connection, { jobId: 'pj1', media, options, echoedConfig }, signal);

  it('presigns with our id and leaves model_code and metadata to the create call', async () => {
    server.answers.push({ status: 200, body: presigned });
    await expect(presign()).resolves.toMatchObject({ job_id: 'pj1', upload: { s3_key: 'in/talk.wav' } });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/batch/jobs' });
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${testKey}`, 'content-type': 'application/json' });
    expect(request?.body).toEqual({
      mode: 'presign',
      job_id: 'pj1',
      filename: 'talk.wav',
      content_type: 'audio/wav',
      transcription_config: options.transcription_config,
      tracking: options.tracking,
      output_config: options.output_config,
    });
  });

  it('creates with the key and the config as the presign call echoed it', async () => {
    server.answers.push({ status: 202, body: { job_id: 'pj1', status: 'QUEUED' } });
    await expect(create({ s3_key: 'in/talk.wav' }, presigned.transcription_config)).resolves.toBe('pj1');
    expect(server.requests[0]?.body).toEqual({
      ...options,
      job_id: 'pj1',
      s3_key: 'in/talk.wav',
      transcription_config: presigned.transcription_config,
    });
  });

  it('creates with an address that SLNG reads itself', async () => {
    server.answers.push({ status: 202, body: { job_id: 'pj1', status: 'QUEUED' } });
    await create({ input_url: 'https://files.example/a.wav' }, null);
    expect(server.requests[0]?.body).toEqual({ ...options, job_id: 'pj1', input_url: 'https://files.example/a.wav' });
  });

  it('sends the required transcription_config also where nothing was chosen', async () => {
    server.answers.push({ status: 202, body: { job_id: 'pj1', status: 'QUEUED' } });
    const request = { jobId: 'pj1', media: { s3_key: 'k' }, options: {}, echoedConfig: null };
    await createSlngJob(server.connection, request, signal);
    expect(server.requests[0]?.body).toEqual({ job_id: 'pj1', s3_key: 'k', transcription_config: {} });
  });

  it('takes a 200 to a create for a presign and no job', async () => {
    server.answers.push({ status: 200, body: presigned });
    await expect(create({ s3_key: 'k' }, null)).rejects.toMatchObject({ kind: 'unexpected-response', status: 200 });
  });

  it('takes a 202 to a presign for a job and no upload address', async () => {
    server.answers.push({ status: 202, body: presigned }, { status: 202, body: { job_id: 'pj1', status: 'QUEUED' } });
    await expect(presign()).rejects.toMatchObject({ kind: 'unexpected-response', status: 202 });
    await expect(presign()).rejects.toMatchObject({ kind: 'unexpected-response', status: 202 });
  });

  test.each([
    ['the newer', { format: 'txt', key: 'k', s3_uri: 's3://b/k', download_url: 'https://storage.example/t' }],
    ['the older', { name: 'transcript.txt', content_type: 'text/plain', size: 12, url: 'https://storage.example/t' }],
  ])('reads download links of %s item shape', async (_shape, item) => {
    server.answers.push({ status: 200, body: { job_id: 'pj1', inputs: [], outputs: [item] } });
    const links = await listSlngOutputs(server.connection, 'pj1', signal);
    expect(links).toEqual([{ format: 'txt', url: 'https://storage.example/t' }]);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/v1/batch/jobs/pj1/files' });
  });

  it('passes over outputs that it does not know, and gives the rest in a steady order', async () => {
    const output = (format: string) => ({ format, download_url: `https://storage.example/${format}` });
    const outputs = [output('srt'), null, { key: 'only' }, output('vtt'), output('json')];
    server.answers.push({ status: 200, body: { job_id: 'pj1', outputs } }, { status: 200, body: { job_id: 'pj1' } });
    const links = await listSlngOutputs(server.connection, 'pj1', signal);
    expect(links.map(({ format }) => format)).toEqual(['json', 'srt']);
    await expect(listSlngOutputs(server.connection, 'pj1', signal)).resolves.toEqual([]);
  });

  it('deletes by id, and says when the job has not ended', async () => {
    server.answers.push(
      { status: 202, body: { job_id: 'pj1', status: 'DELETED' } },
      { status: 409, body: { error: 'job is DECODING' } },
    );
    await expect(deleteSlngJob(server.connection, 'pj1', signal)).resolves.toBeUndefined();
    expect(server.requests[0]).toMatchObject({ method: 'DELETE', path: '/v1/batch/jobs/pj1', body: '' });
    const refused = deleteSlngJob(server.connection, 'pj1', signal);
    await expect(refused).rejects.toMatchObject({ kind: 'conflict', words: 'job is DECODING' });
  });

  test.each([
    [400, { error: 'bad language' }, 'rejected', 'bad language'],
    [401, { error: 'Unauthorized' }, 'credential-refused', 'Unauthorized'],
    [403, { error: 'Invalid or missing API key' }, 'credential-refused', 'Invalid or missing API key'],
    [404, { error: 'job not found' }, 'not-found', 'job not found'],
    [409, { error: 'taken' }, 'conflict', 'taken'],
    [413, { error: 'too large' }, 'rejected', 'too large'],
    [500, { error: 'internal' }, 'unavailable', 'internal'],
    [502, '<html>bad gateway</html>', 'unavailable', '<html>bad gateway</html>'],
    [400, { error: `key ${testKey} is wrong` }, 'rejected', 'key [redacted] is wrong'],
  ])('understands %i with the body %j', async (status, body, kind, words) => {
    server.answers.push({ status, body });
    await expect(create({ s3_key: 'k' }, null)).rejects.toMatchObject({ kind, status, words });
  });
});
