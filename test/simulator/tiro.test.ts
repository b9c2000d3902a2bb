import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { mediaIn, mediaNamedIn } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { ProviderApi, putBytes, text } from './provider-api.ts';

let simulator: Simulator;
let tiro: ProviderApi;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-01T10:00:00Z') });
  simulator = await startSimulator();
  tiro = new ProviderApi(simulator, 'tiro', '/v1/external/voice-file/jobs');
});

afterEach(async () => {
  await simulator.close();
  vi.useRealTimers();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

async function uploadedJob(seconds = 1, locales: Record<string, string[]> = {}): Promise<string> {
  const created = await tiro.json('POST', '', locales);
  await putBytes(text(created, 'uploadUri'), makeWav(seconds), { 'content-type': 'audio/wav' });
  return text(created, 'id');
}

async function status(id: string): Promise<string> {
  return text(await tiro.get(`/${id}`), 'status');
}

test('a job goes from CREATED to COMPLETED in the time of the vendor table, with its timestamps', async () => {
  const id = await uploadedJob(600);
  expect((await tiro.get(`/${id}`)).body).toEqual({
    id,
    status: 'CREATED',
    fileUploadedAt: null,
    processStartedAt: null,
    processCompletedAt: null,
    errorMessage: null,
  });
  expect((await tiro.send('PUT', `/${id}/upload-complete`)).status).toBe(200);
  expect(await status(id)).toBe('UPLOADED');
  pass(50);
  expect(await status(id)).toBe('PROCESSING');
  pass(49);
  expect(await status(id)).toBe('PROCESSING');
  pass(1);
  expect((await tiro.get(`/${id}`)).body).toEqual({
    id,
    status: 'COMPLETED',
    fileUploadedAt: '2026-11-01T10:00:00.000Z',
    processStartedAt: '2026-11-01T10:00:10.000Z',
    processCompletedAt: '2026-11-01T10:01:40.000Z',
    errorMessage: null,
  });
});

test('results are 404 before COMPLETED and follow the requested locales after', async () => {
  const id = await uploadedJob(12, { transcriptLocaleHints: ['en_US'], translationLocales: ['ko_KR', 'ja_JP'] });
  await tiro.send('PUT', `/${id}/upload-complete`);
  expect((await tiro.get(`/${id}/transcript`)).status).toBe(404);
  pass(100);
  const transcript = (await tiro.get(`/${id}/transcript`)).body as { segments: unknown[] };
  expect(transcript).toMatchObject({
    jobId: id,
    locale: 'en_US',
    text: expect.stringContaining('Good morning') as string,
  });
  expect(transcript.segments).toHaveLength(3);
  expect((await tiro.get(`/${id}/translations`)).body).toMatchObject({
    content: [{ locale: 'ko_KR' }, { locale: 'ja_JP' }],
    nextCursor: null,
  });
  expect((await tiro.get(`/${id}/translations/ko_KR`)).body).toMatchObject({ jobId: id, locale: 'ko_KR' });
  expect((await tiro.get(`/${id}/translations/de_DE`)).status).toBe(404);
  for (const path of ['/transcript/paragraph-summary', '/translations/ja_JP/paragraph-summary']) {
    expect((await tiro.get(`/${id}${path}`)).body).toMatchObject({ jobId: id, summary: { type: 'text/markdown' } });
  }
});

test('every result names the bytes that were uploaded and the job', async () => {
  const id = await uploadedJob(12, { translationLocales: ['ko_KR'] });
  expect(simulator.jobs('tiro')).toMatchObject([{ orphan: true, media: [{ sizeBytes: makeWav(12).length }] }]);
  await tiro.send('PUT', `/${id}/upload-complete`);
  expect(simulator.jobs('tiro')).toMatchObject([{ orphan: false }]);
  pass(100);
  const summaries = ['transcript', 'translations/ko_KR'].map((path) => `${path}/paragraph-summary`);
  for (const path of ['transcript', 'translations', 'translations/ko_KR', ...summaries]) {
    const { body } = await tiro.get(`/${id}/${path}`);
    expect(mediaNamedIn(JSON.stringify(body)), path).toEqual([mediaIn(makeWav(12))]);
    expect(JSON.stringify(body), path).toContain(`"ids":{"job_id":"${id}"}`);
  }
});

test('upload-complete is 409 before the object is there and 200 however often after', async () => {
  const created = await tiro.json('POST', '', {});
  const path = `/${text(created, 'id')}/upload-complete`;
  expect(await tiro.send('PUT', path)).toMatchObject({ status: 409, body: { error: { errorType: 'conflict' } } });
  await putBytes(text(created, 'uploadUri'), makeWav(1));
  expect((await tiro.send('PUT', path)).status).toBe(200);
  expect((await tiro.send('PUT', path)).status).toBe(200);
  expect((await tiro.send('POST', path)).status).toBe(404);
});

test('a job whose upload never came stays CREATED, and its URL is refused after an hour', async () => {
  const created = await tiro.json('POST', '', {});
  pass(3600);
  const put = await putBytes(text(created, 'uploadUri'), makeWav(1));
  expect(put).toMatchObject({ status: 403, body: expect.stringContaining('Request has expired') as string });
  expect(await status(text(created, 'id'))).toBe('CREATED');
});

describe('create', () => {
  test.each([
    { transcriptLocaleHints: ['en_US', 'ko_KR'] },
    { translationLocales: ['en_US', 'ko_KR', 'ja_JP', 'de_DE', 'fr_FR', 'es_ES'] },
    { translationLocales: ['KO_KR'] },
    { translationLocales: 'ko_KR' },
  ])('refuses %j', async (body) => {
    const answer = await tiro.json('POST', '', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 400001, errorType: 'bad_request' } } });
    expect(simulator.jobs('tiro')).toEqual([]);
  });

  test('takes no body at all', async () => {
    expect((await tiro.send('POST', '')).body).toMatchObject({ status: 'CREATED', translationLocales: [] });
  });
});

test.each([
  ['no key', {}, { code: 401001, errorType: 'unauthorized' }],
  ['a wrong key', { authorization: 'Bearer nobody' }, { code: 'invalid_api_key', type: 'authentication_error' }],
])('%s is 401', async (_name, headers, error) => {
  const response = await fetch(tiro.base, { method: 'POST', headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ error });
});

test('the id alone, without the secret, is a wrong key', async () => {
  const id = simulator.keys.tiro[0]?.split('.')[0] ?? '';
  const response = await fetch(tiro.base, { method: 'POST', headers: { authorization: `Bearer ${id}` } });
  expect(response.status).toBe(401);
});

test('an unknown job is 404 in the vendor error shape', async () => {
  expect(await tiro.get('/nobody')).toMatchObject({ status: 404, body: { error: { code: 404001, detail: null } } });
});

describe('plans', () => {
  test('a failed job tells its message, which may be null', async () => {
    simulator.setPlan('tiro', { outcome: 'failed', message: 'no speech', durationMs: 1000 });
    simulator.setPlan('tiro', { outcome: 'failed', message: null, durationMs: 1000 });
    for (const errorMessage of ['no speech', null]) {
      const id = await uploadedJob();
      await tiro.send('PUT', `/${id}/upload-complete`);
      pass(1);
      expect((await tiro.get(`/${id}`)).body).toMatchObject({
        status: 'FAILED',
        errorMessage,
        processCompletedAt: null,
      });
    }
  });

  test('a script by polls shows unknown and backward statuses, then the clock rules again', async () => {
    simulator.setPlan('tiro', {
      durationMs: 0,
      script: [
        { status: 'PROCESSING', polls: 2 },
        { status: 'WARMING_UP', polls: 1 },
        { status: 'UPLOADED', polls: 1 },
      ],
    });
    const id = await uploadedJob();
    await tiro.send('PUT', `/${id}/upload-complete`);
    const seen = [];
    for (let poll = 0; poll < 5; poll += 1) seen.push(await status(id));
    expect(seen).toEqual(['PROCESSING', 'PROCESSING', 'WARMING_UP', 'UPLOADED', 'COMPLETED']);
  });

  test('a script by time, for a job that is already there, changes and omits fields', async () => {
    const id = await uploadedJob();
    simulator.setPlan('tiro', {
      jobId: id,
      script: [{ status: 'PROCESSING', fields: { progress: 50 }, omit: ['errorMessage'], untilMs: 5000 }],
    });
    const { body } = await tiro.get(`/${id}`);
    expect(body).toMatchObject({ status: 'PROCESSING', progress: 50 });
    expect(body).not.toHaveProperty('errorMessage');
    pass(5);
    expect(await status(id)).toBe('CREATED');
  });

  test('a plan for all next jobs outlasts the first', async () => {
    simulator.setPlan('tiro', { jobs: null, script: [{ status: 'FAILED' }] });
    expect(await status(await uploadedJob())).toBe('FAILED');
    expect(await status(await uploadedJob())).toBe('FAILED');
  });
});
