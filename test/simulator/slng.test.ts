import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { mediaIn, mediaNamedIn } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { ProviderApi, putBytes, text } from './provider-api.ts';

interface Upload {
  url: string;
  s3_key: string;
  headers: Record<string, string>;
}

const config = { transcription_config: { language: 'en' } };

let simulator: Simulator;
let slng: ProviderApi;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-01T10:00:00Z') });
  simulator = await startSimulator();
  slng = new ProviderApi(simulator, 'slng', '/v1/batch/jobs');
});

afterEach(async () => {
  await simulator.close();
  vi.useRealTimers();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

async function formJob(jobId: string, seconds = 1) {
  const form = new FormData();
  form.set('job_id', jobId);
  form.set('transcription_config', JSON.stringify(config.transcription_config));
  form.set('file', new Blob([makeWav(seconds)], { type: 'audio/wav' }), 'talk one.wav');
  return await slng.form('', form);
}

/** What each output of a job says that it is made of. */
async function outputs(jobId: string): Promise<string[][]> {
  const { outputs: links } = (await slng.get(`/${jobId}/files`)).body as { outputs: { download_url: string }[] };
  return Promise.all(links.map(async ({ download_url: url }) => mediaNamedIn(await (await fetch(url)).text())));
}

async function status(jobId: string): Promise<string> {
  return text(await slng.get(`/${jobId}`), 'status');
}

test('a job of five minutes goes through every status in the time of the vendor sample', async () => {
  expect(await formJob('a1', 312.4)).toMatchObject({ status: 202, body: { job_id: 'a1', status: 'QUEUED' } });
  const seen: string[] = [];
  for (const seconds of [0, 6, 20, 60, 4]) {
    pass(seconds);
    seen.push(await status('a1'));
  }
  expect(seen).toEqual(['QUEUED', 'IN_PROGRESS', 'DECODING', 'POST_PROCESSING', 'DONE']);
  expect((await slng.get('/a1')).body).toMatchObject({
    error_message: null,
    input_metadata: { size_bytes: 44 + 312.4 * 8_000, duration_seconds: 312.4, mime_type: 'audio/wav' },
    submitted_at: '2026-11-01T10:00:00.000Z',
    started_at: '2026-11-01T10:00:05.000Z',
    completed_at: '2026-11-01T10:01:30.000Z',
    deleted_at: null,
    expired_at: null,
  });
});

describe('presigned upload', () => {
  test('is 200 without a job, takes exactly its headers, and becomes a job with the key', async () => {
    const presign = { ...config, mode: 'presign', filename: 'a b.wav', content_type: 'audio/wav', job_id: 'p1' };
    const presigned = await slng.json('POST', '', presign);
    expect(presigned).toMatchObject({
      status: 200,
      body: { job_id: 'p1', upload: { expires_in: 1800, headers: { 'Content-Type': 'audio/wav' } } },
    });
    expect((await slng.get('/p1')).status).toBe(404);
    const { upload } = presigned.body as { upload: { url: string; s3_key: string; headers: Record<string, string> } };
    const create = { ...config, job_id: 'p1', s3_key: upload.s3_key };
    expect((await slng.json('POST', '', create)).status).toBe(400);
    expect((await putBytes(upload.url, makeWav(2), { 'content-type': 'audio/mpeg' })).status).toBe(403);
    expect((await putBytes(upload.url, makeWav(2), upload.headers)).status).toBe(200);
    expect(await slng.json('POST', '', create)).toMatchObject({
      status: 202,
      body: { job_id: 'p1', status: 'QUEUED' },
    });
    expect((await slng.get('/p1')).body).toMatchObject({ input_metadata: { duration_seconds: 2 } });
    expect(simulator.counters().operations).toMatchObject({
      'slng.presign': { calls: 1 },
      'slng.create': { calls: 2 },
    });
  });

  test('gives the bytes that lay there when the job was made, whatever is put there later', async () => {
    const presign = { ...config, mode: 'presign', filename: 'a.wav', content_type: 'audio/wav', job_id: 'p2' };
    const put = async (bytes: Buffer<ArrayBuffer>) => {
      const { upload } = (await slng.json('POST', '', presign)).body as { upload: Upload };
      expect((await putBytes(upload.url, bytes, upload.headers)).status).toBe(200);
      return upload.s3_key;
    };
    await put(makeWav(1));
    const s3_key = await put(makeWav(2));
    expect(simulator.jobs('slng')).toEqual([]);
    await slng.json('POST', '', { ...config, job_id: 'p2', s3_key });
    await put(makeWav(3));
    pass(100);
    expect(await outputs('p2')).toEqual([1, 1, 1].map(() => [mediaIn(makeWav(2))]));
    expect(simulator.jobs('slng')).toMatchObject([{ id: 'p2', orphan: false, filenames: ['a.wav'] }]);
  });

  test('is refused after half an hour', async () => {
    const presigned = await slng.json('POST', '', { ...config, mode: 'presign', filename: 'a.wav' });
    const { upload } = presigned.body as { upload: { url: string; headers: Record<string, string> } };
    pass(1800);
    expect((await putBytes(upload.url, makeWav(1), upload.headers)).status).toBe(403);
  });
});

describe('input by URL', () => {
  test('reads the file and measures it', async () => {
    const files = createServer((_request, response) => response.setHeader('content-type', 'audio/wav').end(makeWav(3)));
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((files.address() as AddressInfo).port)}/a.wav`;
    expect((await slng.json('POST', '', { ...config, job_id: 'u1', input_url: url })).status).toBe(202);
    const expected = { input_metadata: { duration_seconds: 3, mime_type: 'audio/wav', source: 'url' } };
    await vi.waitFor(
      async () => {
        expect((await slng.get('/u1')).body).toMatchObject(expected);
      },
      { timeout: 20_000 },
    );
    files.close();
    pass(100);
    expect(await outputs('u1')).toEqual([1, 1, 1].map(() => [mediaIn(makeWav(3))]));
  });

  test('fails the job where nothing can be read', async () => {
    const input_url = `${simulator.url}/nowhere`;
    expect((await slng.json('POST', '', { ...config, job_id: 'u2', input_url })).status).toBe(202);
    await vi.waitFor(
      async () => {
        expect(await status('u2')).toBe('FAILED');
      },
      { timeout: 20_000 },
    );
    expect((await slng.get('/u2')).body).toMatchObject({ error_message: { message: expect.any(String) as string } });
  });
});

test.each([
  ['a hyphen in the id', { ...config, job_id: 'a-b', input_url: 'https://files.example/a.wav' }],
  ['no transcription_config', { job_id: 'ab', input_url: 'https://files.example/a.wav' }],
  ['no input', { ...config, job_id: 'ab' }],
  ['plain HTTP', { ...config, job_id: 'ab', input_url: 'http://files.example/a.wav' }],
  ['a foreign key', { ...config, job_id: 'ab', s3_key: 'inputs/zz/a.wav' }],
])('create refuses %s', async (_name, body) => {
  expect(await slng.json('POST', '', body)).toMatchObject({
    status: 400,
    body: { error: expect.any(String) as string },
  });
  expect(simulator.jobs('slng')).toEqual([]);
});

test.each([
  ['conflict', 409],
  ['same-job', 202],
] as const)('a second create with the same id is answered as planned: %s', async (duplicateJobId, expected) => {
  simulator.setPlan('slng', { duplicateJobId });
  await formJob('d1');
  expect((await formJob('d1')).status).toBe(expected);
  expect(simulator.counters().jobsCreated.slng).toBe(1);
});

test('download links give every format and die after an hour', async () => {
  await formJob('f1', 12);
  expect((await slng.get('/f1/files')).body).toMatchObject({ outputs: [] });
  pass(60);
  const { outputs } = (await slng.get('/f1/files')).body as { outputs: { format: string; download_url: string }[] };
  expect(outputs.map(({ format }) => format)).toEqual(['json', 'txt', 'srt']);
  const srt = await fetch(outputs[2]?.download_url ?? '');
  expect(await srt.text()).toContain('00:00:05,000 --> 00:00:10,000');
  pass(3600);
  expect((await fetch(outputs[2]?.download_url ?? '')).status).toBe(403);
});

test('delete is 409 until the job ends, then 202, and the job stays visible as DELETED', async () => {
  await formJob('x1');
  expect((await slng.send('DELETE', '/x1')).status).toBe(409);
  pass(60);
  expect(simulator.jobs('slng')).toMatchObject([{ media: [{ sizeBytes: 8044 }] }]);
  const deleted = await slng.send('DELETE', '/x1');
  expect(deleted).toMatchObject({ status: 202, body: { job_id: 'x1', status: 'DELETED' } });
  expect((await slng.get('/x1')).body).toMatchObject({ status: 'DELETED', deleted_at: '2026-11-01T10:01:00.000Z' });
  expect((await slng.get('/x1/files')).status).toBe(404);
  expect([simulator.jobs('slng'), simulator.objects('slng')]).toMatchObject([[{ media: [] }], []]);
});

test('a list is newest first, paged and filtered, but not by POST_PROCESSING', async () => {
  for (const id of ['l1', 'l2', 'l3']) {
    await formJob(id);
    pass(1);
  }
  const page = (await slng.get('?page=1&page_size=2&status=QUEUED,DONE')).body;
  expect(page).toMatchObject({
    items: [{ job_id: 'l3' }, { job_id: 'l2' }],
    meta: { page: 1, page_size: 2, total: 3, pages: 2 },
  });
  expect((await slng.get('?status=POST_PROCESSING')).status).toBe(400);
  expect((await slng.get('?page_size=101')).status).toBe(400);
});

test('a wrong or missing key is 403', async () => {
  expect((await fetch(`${slng.base}/a`)).status).toBe(403);
  const wrong = await fetch(`${slng.base}/a`, { headers: { authorization: 'Bearer nobody' } });
  expect(wrong.status).toBe(403);
});

test('an expired job keeps its status and gives no files', async () => {
  simulator.setPlan('slng', { durationMs: 1000, expiredAfterMs: 2000 });
  await formJob('e1');
  pass(3);
  expect((await slng.get('/e1')).body).toMatchObject({ status: 'DONE', expired_at: '2026-11-01T10:00:03.000Z' });
  expect((await slng.get('/e1/files')).status).toBe(404);
});

test('a failed job carries an error envelope', async () => {
  simulator.setPlan('slng', { durationMs: 0, outcome: 'failed', message: 'bad audio' });
  await formJob('z1');
  expect((await slng.get('/z1')).body).toMatchObject({ status: 'FAILED', error_message: { message: 'bad audio' } });
});
