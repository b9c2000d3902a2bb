import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { mediaIn, mediaNamedIn } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { ProviderApi, text } from './provider-api.ts';

let simulator: Simulator;
let soket: ProviderApi;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-01T10:00:00Z') });
  simulator = await startSimulator();
  soket = new ProviderApi(simulator, 'soket');
});

afterEach(async () => {
  await simulator.close();
  vi.useRealTimers();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

async function upload(...seconds: number[]): Promise<{ uploadId: string; fileIds: string[] }> {
  const form = new FormData();
  for (const [index, length] of seconds.entries()) {
    form.append('files', new Blob([makeWav(length)], { type: 'audio/wav' }), `talk${String(index)}.wav`);
  }
  const { body } = await soket.form('/files/upload', form);
  const { batch_upload_id, files } = body as { batch_upload_id: string; files: { file_id: string }[] };
  return { uploadId: batch_upload_id, fileIds: files.map(({ file_id }) => file_id) };
}

async function submitted(...seconds: number[]): Promise<{ batchId: string; fileIds: string[] }> {
  const { uploadId, fileIds } = await upload(...seconds);
  pass(2);
  return { batchId: text(await soket.json('POST', '/batch', { batch_upload_id: uploadId }), 'batch_id'), fileIds };
}

test('an upload is 202 at once and counts its files from pending to completed', async () => {
  const form = new FormData();
  form.append('files', new Blob([makeWav(2)], { type: 'audio/wav' }), 'a.wav');
  form.append('files', new Blob([makeWav(1)], { type: 'audio/wav' }), 'b.wav');
  const accepted = await soket.form('/files/upload', form);
  expect(accepted).toMatchObject({
    status: 202,
    body: {
      status: 'accepted',
      total_files: 2,
      files: [{ filename: 'a.wav', size_bytes: 16_044, estimated_duration_seconds: 2, upload_status: 'pending' }, {}],
    },
  });
  const path = `/files/upload/${text(accepted, 'batch_upload_id')}`;
  const first = (await soket.get(path)).body as { files: object[] };
  expect(first).toMatchObject({ total_files: 2, pending: 2, uploading: 0, completed: 0, failed: 0 });
  expect(first.files[0]).not.toHaveProperty('gcs_key');
  pass(1);
  expect((await soket.get(path)).body).toMatchObject({ pending: 0, uploading: 2 });
  pass(1);
  expect((await soket.get(path)).body).toMatchObject({
    status: 'completed',
    completed: 2,
    files: [{ gcs_key: expect.stringMatching(/^uploads\/2026\/11\/01\/.+\.wav$/) as string }, {}],
  });
  expect(simulator.objects('soket').map(({ sizeBytes }) => sizeBytes)).toEqual([16_044, 8_044]);
});

test('an upload without the part named files is 400', async () => {
  const form = new FormData();
  form.append('file', new Blob([makeWav(1)]), 'a.wav');
  expect((await soket.form('/files/upload', form)).status).toBe(400);
  expect((await soket.json('POST', '/files/upload', {})).status).toBe(400);
});

test('a submission is 409 until the uploads are there, then estimated at the documented ratio', async () => {
  const { uploadId } = await upload(145, 145);
  const body = { batch_upload_id: uploadId };
  expect((await soket.json('POST', '/batch', body)).status).toBe(409);
  pass(2);
  expect((await soket.json('POST', '/batch', body)).body).toMatchObject({
    total_jobs: 2,
    estimated_audio_seconds: 290,
    estimated_completion_seconds: 21.7,
    jobs: [{ filename: 'talk0.wav', status: 'queued' }, {}],
  });
});

test('a batch completes its files one by one, in counters only', async () => {
  const { batchId } = await submitted(145, 145);
  const status = async () => (await soket.get(`/status/batch/${batchId}`)).body;
  expect(await status()).toEqual({
    batch_id: batchId,
    total_files: 2,
    files_completed: 0,
    files_failed: 0,
    estimated_audio_seconds: 290,
    estimated_completion_seconds: 21.7,
    status: 'processing',
  });
  pass(11);
  expect(await status()).toMatchObject({ files_completed: 1, status: 'processing' });
  pass(11);
  expect(await status()).toMatchObject({ files_completed: 2, status: 'completed' });
});

test('a batch takes file ids, stored keys and URLs together', async () => {
  const { fileIds, uploadId } = await upload(1, 1);
  pass(2);
  const { files } = (await soket.get(`/files/upload/${uploadId}`)).body as { files: { gcs_key: string }[] };
  const sources = [{ gcs_key: files[1]?.gcs_key }, { url: 'https://files.example/c.mp3' }];
  const body = { file_ids: [fileIds[0]], sources };
  expect((await soket.json('POST', '/batch', body)).body).toMatchObject({
    jobs: [{ filename: 'talk0.wav' }, { filename: 'talk1.wav' }, { filename: 'c.mp3' }],
  });
  expect((await soket.json('POST', '/batch', {})).status).toBe(400);
  expect((await soket.json('POST', '/batch', { file_ids: ['nobody'] })).status).toBe(404);
});

describe('results', () => {
  test('are paged and filtered, with failed files told apart', async () => {
    simulator.setPlan('soket', { failedFiles: [1], message: 'no speech' });
    const { batchId, fileIds } = await submitted(1, 1, 1);
    pass(10);
    const results = `/results/batch/${batchId}`;
    expect((await soket.get(`${results}?limit=2&page=2`)).body).toMatchObject({
      page: 2,
      limit: 2,
      total_pages: 2,
      total_files: 3,
      count: 1,
      files: [{ status: 'completed', result: { text: expect.any(String) as string } }],
    });
    expect((await soket.get(`${results}?status=failed`)).body).toMatchObject({
      files: [{ file_id: fileIds[1], status: 'failed', errors: [{ message: 'no speech' }] }],
    });
    expect((await soket.get(`${results}?raw=true`)).body).toMatchObject({ total_jobs: 3, jobs: [{}, {}, {}] });
    expect((await soket.get(`${results}?limit=201`)).status).toBe(400);
    expect((await soket.get(`/results/file/${fileIds[0] ?? ''}`)).body).toMatchObject({ status: 'completed' });
  });

  test('name the bytes and the ids of each file, alike in every answer', async () => {
    const { batchId, fileIds } = await submitted(1, 2);
    pass(10);
    const [first = '', second = ''] = fileIds;
    const ids = { file_id: second, batch_id: batchId, batch_upload_id: expect.any(String) as string };
    const { body } = await soket.get(`/results/file/${second}`);
    expect(body).toMatchObject({ ids, result: { text: expect.stringContaining(`batch_id ${batchId}`) as string } });
    const [own, other] = [mediaIn(makeWav(2)), mediaIn(makeWav(1))];
    expect(mediaNamedIn(JSON.stringify(body))).toEqual([own]);
    expect(mediaNamedIn(JSON.stringify((await soket.get(`/results/file/${first}`)).body))).toEqual([other]);
    for (const path of [`/results/batch/${batchId}`, `/download/batch/${batchId}`]) {
      expect(mediaNamedIn(JSON.stringify((await soket.get(path)).body)).sort()).toEqual([own, other].sort());
    }
  });

  test('know retrying as a filter, the download does not', async () => {
    const { batchId } = await submitted(1);
    expect((await soket.get(`/results/batch/${batchId}?status=retrying`)).status).toBe(200);
    expect((await soket.get(`/download/batch/${batchId}?status=retrying`)).status).toBe(400);
  });

  test('download as lines or as an array', async () => {
    const { batchId } = await submitted(1, 1);
    pass(10);
    const lines = String((await soket.get(`/download/batch/${batchId}`)).body)
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { filename: string }).filename)).toEqual([
      'talk0.wav',
      'talk1.wav',
    ]);
    expect((await soket.get(`/download/batch/${batchId}?format=json`)).body).toHaveLength(2);
  });

  test.each([
    ['/results/batch/nobody', 200, 'batch not found'],
    ['/results/file/nobody', 200, 'file not found'],
    ['/download/batch/nobody', 200, 'batch not found'],
    ['/status/batch/nobody', 404, 'batch not found'],
    ['/files/upload/nobody', 404, 'batch upload not found'],
  ])('of the unknown: GET %s is %i', async (path, status, error) => {
    expect(await soket.get(path)).toMatchObject({ status, body: { error } });
  });
});

test('an upload shows its file names as they were sent, and is an orphan until a batch is made of it', async () => {
  const { uploadId } = await upload(1, 1);
  const known = () => simulator.jobs('soket').find(({ id }) => id === uploadId);
  expect(known()).toMatchObject({ orphan: true, filenames: ['talk0.wav', 'talk1.wav'], media: [{}, {}] });
  pass(2);
  await soket.json('POST', '/batch', { batch_upload_id: uploadId });
  expect(known()).toMatchObject({ orphan: false });
});

test('files are listed newest first and deleted by a body, all or none', async () => {
  const { fileIds } = await submitted(1, 1);
  expect((await soket.get('/files?limit=1')).body).toMatchObject({
    total_files: 2,
    total_pages: 2,
    count: 1,
    files: [{ file_id: fileIds[1], content_type: 'audio/wav', batch_upload_id: expect.any(String) as string }],
  });
  expect((await soket.json('DELETE', '/files', { file_ids: [fileIds[0], 'nobody'] })).status).toBe(404);
  expect((await soket.json('DELETE', '/files', { file_ids: [fileIds[0]] })).body).toEqual({
    deleted_file_ids: [fileIds[0]],
    deleted_count: 1,
    storage_objects_deleted: 1,
    jobs_cleaned: 1,
  });
  expect((await soket.get('/files?upload_status=completed')).body).toMatchObject({ total_files: 1 });
  expect(simulator.objects('soket')).toHaveLength(1);
});

test('a wrong or missing token is 401', async () => {
  expect((await fetch(`${soket.base}/files`)).status).toBe(401);
  expect((await fetch(`${soket.base}/files`, { headers: { authorization: 'Bearer nobody' } })).status).toBe(401);
});

describe('plans', () => {
  test('fail uploads by position', async () => {
    simulator.setPlan('soket', { failedUploads: [0], uploadDurationMs: 0 });
    const { uploadId } = await upload(1, 1);
    expect((await soket.get(`/files/upload/${uploadId}`)).body).toMatchObject({ completed: 1, failed: 1 });
  });

  test('script counters that do not add up', async () => {
    simulator.setPlan('soket', {
      uploadScript: [{ status: 'odd', fields: { completed: 0 }, omit: ['pending'], polls: 1 }],
    });
    const { uploadId } = await upload(1);
    pass(2);
    const first = (await soket.get(`/files/upload/${uploadId}`)).body;
    expect(first).toMatchObject({ status: 'odd', completed: 0 });
    expect(first).not.toHaveProperty('pending');
    expect((await soket.get(`/files/upload/${uploadId}`)).body).toMatchObject({ completed: 1, pending: 0 });
  });

  test('show the counters of the development mode', async () => {
    simulator.setPlan('soket', { developmentFields: true });
    const { batchId } = await submitted(1, 1);
    const counters = { total_jobs: 2, queued_jobs: 2, processing_jobs: 0, completed_jobs: 0, failed_jobs: 0 };
    expect((await soket.get(`/status/batch/${batchId}`)).body).toMatchObject(counters);
  });
});
