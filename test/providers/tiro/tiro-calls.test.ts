import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProviderAgents, type ProviderAgents } from '../../../src/http/agents.ts';
import {
  createProviderConnection,
  type ProviderConnection,
} from '../../../src/providers/connection/provider-connection.ts';
import {
  completeTiroUpload,
  createTiroJob,
  readTiroSummary,
  readTiroTranscript,
  readTiroTranslation,
} from '../../../src/providers/tiro/tiro-calls.ts';
import { tiro } from '../../../src/providers/tiro/tiro.ts';
import { answer, type ApiServer, startApiServer } from '../../http/api-server.ts';

const jobs = '/v1/external/voice-file/jobs';
const uploadUri = 'https://storage.example/put?sig=SECRET';
const { signal } = new AbortController();

describe('the calls to Tiro', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  let connection: ProviderConnection;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
    connection = createProviderConnection({
      ...{ provider: tiro, baseUrl: server.url, key: 'id.secret', agents },
    });
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answers.length = 0;
  });
  afterAll(async () => {
    await agents.close();
    await server.close();
  });

  it('create a job with the vendor’s names and the whole key', async () => {
    server.answers.push(answer(201, { id: 'job_1', uploadUri, status: 'CREATED' }));
    const options = { transcriptLocaleHints: ['en_US'], translationLocales: ['ko_KR'], workspaceGuid: undefined };
    await expect(createTiroJob(connection, options, signal)).resolves.toMatchObject({ id: 'job_1', uploadUri });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: jobs });
    expect(request?.headers.authorization).toBe('Bearer id.secret');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      transcriptLocaleHints: ['en_US'],
      translationLocales: ['ko_KR'],
    });
  });

  it('read only id and address of the created job, since the pages disagree about the rest', async () => {
    server.answers.push(answer(200, { id: 'job-1', uploadUri, state: 'created', status: 7 }));
    await expect(createTiroJob(connection, {}, signal)).resolves.toMatchObject({ id: 'job-1', uploadUri });
  });

  it('do not take a created job without an address', async () => {
    server.answers.push(answer(200, { id: 'job-1' }));
    await expect(createTiroJob(connection, {}, signal)).rejects.toThrow('uploadUri');
  });

  it('complete an upload with a PUT and no body, and mind no answer', async () => {
    server.answers.push(answer(204, ''));
    await completeTiroUpload(connection, 'job/1', signal);
    expect(server.requests[0]).toMatchObject({ method: 'PUT', path: `${jobs}/job%2F1/upload-complete`, body: '' });
  });

  it('read the transcript as it is', async () => {
    const transcript = { text: 'hello', segments: [{ startTimeMillis: 0, endTimeMillis: 9, text: 'hello' }] };
    server.answers.push(answer(200, transcript));
    await expect(readTiroTranscript(connection, 'j', signal)).resolves.toEqual(transcript);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: `${jobs}/j/transcript` });
  });

  it('read a translation by its locale', async () => {
    server.answers.push(answer(200, { jobId: 'j', locale: 'ko_KR', text: '안녕' }));
    const translation = await readTiroTranslation(connection, 'j', 'ko_KR', signal);
    expect(translation).toEqual({ jobId: 'j', locale: 'ko_KR', text: '안녕' });
    expect(server.requests[0]?.path).toBe(`${jobs}/j/translations/ko_KR`);
  });

  it.each([
    [null, 'transcript/paragraph-summary'],
    ['ko_KR', 'translations/ko_KR/paragraph-summary'],
  ])('read the summary of %s', async (locale, path) => {
    server.answers.push(answer(200, { summary: { type: 'text/markdown', content: '# Hi' } }));
    await expect(readTiroSummary(connection, 'j', locale, signal)).resolves.toBe('# Hi');
    expect(server.requests[0]?.path).toBe(`${jobs}/j/${path}`);
  });
});
