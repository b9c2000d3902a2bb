import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProviderAgents } from '../../../src/http/agents.ts';
import { createProviderConnection } from '../../../src/providers/connection/provider-connection.ts';
import * as calls from '../../../src/providers/soket/soket-calls.ts';
import { soket } from '../../../src/providers/soket/soket.ts';
import { readUploadedFiles } from '../../../src/providers/soket/uploaded-files.ts';
import { type RecordingServer, startRecordingServer } from './recording-server.ts';

describe('the calls to Soket', () => {
  let server: RecordingServer;
  const { signal } = new AbortController();
  beforeEach(async () => {
    server = await startRecordingServer();
  });
  afterEach(() => server.close());

  it('lists the files by pages of 200, with the key as a bearer token', async () => {
    server.answer(200, { page: 2, total_pages: 3, files: [{ file_id: 'f', size_bytes: 1, batch_upload_id: 'u' }] });
    const { files } = await calls.listSoketFiles(server.connection, 2, signal);
    expect(files).toEqual([{ file_id: 'f', size_bytes: 1, batch_upload_id: 'u' }]);
    expect(server.requests).toMatchObject([
      { method: 'GET', path: '/transcribe/files?page=2&limit=200', headers: { authorization: 'Bearer soket-key' } },
    ]);
  });

  it('7. deletes with a JSON body on DELETE', async () => {
    await calls.deleteSoketFiles(server.connection, ['a', 'b'], signal);
    expect(server.requests).toMatchObject([
      { method: 'DELETE', path: '/transcribe/files', body: '{"file_ids":["a","b"]}' },
    ]);
    expect(server.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  it('submits an upload or chosen files', async () => {
    server.answer(201, { batch_id: 'b', total_jobs: 1, estimated_completion_seconds: 4.5, jobs: null });
    server.answer(202, { batch_id: 'c' });
    const made = await calls.submitSoketBatch(server.connection, { batch_upload_id: 'u' }, signal);
    await calls.submitSoketBatch(server.connection, { file_ids: ['f'] }, signal);
    expect(made).toEqual({ batch_id: 'b', estimated_completion_seconds: 4.5 });
    expect(server.requests.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /transcribe/batch {"batch_upload_id":"u"}',
      'POST /transcribe/batch {"file_ids":["f"]}',
    ]);
  });

  it('asks for results with only the options that were given, and never with a status filter', async () => {
    server.answer(200, {
      total_pages: 1,
      files: [{ file_id: 'f', status: 'completed', result: { text: 'x' }, more: 1 }],
    });
    const options = { speech_information: true, chunks: undefined };
    const page = await calls.readSoketResults(server.connection, { batchId: 'b/1', page: 1, options, signal });
    expect(page.files).toEqual([{ file_id: 'f', status: 'completed', result: { text: 'x' }, more: 1 }]);
    expect(server.requests[0]?.path).toBe('/transcribe/results/batch/b%2F1?page=1&limit=10&speech_information=true');
  });

  it.each([
    [404, { error: 'file not found' }, 'not-found'],
    [200, { error: 'file not found' }, 'not-found'],
    [409, { error: 'uploads are not complete' }, 'conflict'],
    [401, { error: 'invalid token' }, 'credential-refused'],
    [200, { error: 'out of disk' }, 'unexpected-response'],
    [500, 'oops', 'unavailable'],
    [202, { no: 'id' }, 'unexpected-response'],
  ])('reads an answer %i %j as %s', async (status, body, kind) => {
    server.answer(status, body);
    await expect(calls.readSoketFileResult(server.connection, 'f', signal)).rejects.toMatchObject({
      kind,
      neverSent: false,
    });
  });

  it('takes an answer that holds what was asked for, whatever error stands beside it', async () => {
    const { connection } = server;
    const error = { error: 'one file was not found', status_code: 0 };
    const beside = async <T>(body: object, call: () => Promise<T>) => {
      server.answer(200, { ...body, ...error });
      return call();
    };
    const file = { file_id: 'f', result: { text: 'x' } };
    const batchId = { batchId: 'b', page: 1, options: {}, signal };
    await expect(
      beside({ batch_id: 'b' }, () => calls.submitSoketBatch(connection, { file_ids: ['f'] }, signal)),
    ).resolves.toMatchObject({ batch_id: 'b' });
    await expect(
      beside({ batch_upload_id: 'u' }, () => calls.readSoketUpload(connection, 'u', signal)),
    ).resolves.toMatchObject({ batch_upload_id: 'u' });
    await expect(beside(file, () => calls.readSoketFileResult(connection, 'f', signal))).resolves.toMatchObject(file);
    await expect(beside({ files: [file] }, () => calls.readSoketResults(connection, batchId))).resolves.toMatchObject({
      files: [file],
    });
  });

  it('takes an error for one where what was asked for is not there, whatever id it repeats', async () => {
    server.answer(200, { error: 'file not found', file_id: 'f' });
    await expect(calls.readSoketFileResult(server.connection, 'f', signal)).rejects.toMatchObject({
      kind: 'not-found',
    });
    server.answer(200, { error: 'not possible', batch_upload_id: 'u' });
    const submitted = calls.submitSoketBatch(server.connection, { batch_upload_id: 'u' }, signal);
    await expect(submitted).rejects.toMatchObject({ kind: 'unexpected-response', words: 'not possible' });
    server.answer(200, { error: 'files not found' });
    await expect(calls.deleteSoketFiles(server.connection, ['f'], signal)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('knows a request that was never sent from one whose answer was lost', async () => {
    server.answer(0, null);
    const submit = () => calls.submitSoketBatch(server.connection, { batch_upload_id: 'u' }, signal);
    await expect(submit()).rejects.toMatchObject({ kind: 'unavailable', neverSent: false });
    const agents = createProviderAgents();
    const nobody = { provider: soket, baseUrl: 'http://127.0.0.1:1', key: 'soket-key', agents };
    const refused = calls.submitSoketBatch(createProviderConnection(nobody), { batch_upload_id: 'u' }, signal);
    await expect(refused).rejects.toMatchObject({ kind: 'unavailable', neverSent: true });
    await agents.close();
  });
});

describe('readUploadedFiles', () => {
  let server: RecordingServer;
  const { signal } = new AbortController();
  beforeEach(async () => {
    server = await startRecordingServer();
  });
  afterEach(() => server.close());
  const file = (id: string, upload_status?: string) => ({ file_id: id, filename: `${id}.wav`, upload_status });

  it('asks nothing where the answer to the upload named every file', async () => {
    const upload = { batchUploadId: 'u', files: [{ id: 'a', name: 'a.wav' }] };
    const read = await readUploadedFiles(server.connection, { upload, totalFiles: 1, someFailed: false }, signal);
    expect(read).toEqual({ usable: upload.files, failed: [] });
    expect(server.requests).toEqual([]);
  });

  it('tells failed files from usable ones by their upload status', async () => {
    server.answer(200, { batch_upload_id: 'u', total_files: 2, files: [file('a', 'completed'), file('b', 'failed')] });
    const upload = { batchUploadId: 'u', files: [] };
    const read = await readUploadedFiles(server.connection, { upload, totalFiles: 2, someFailed: true }, signal);
    expect(read).toEqual({ usable: [{ id: 'a', name: 'a.wav' }], failed: [{ id: 'b', name: 'b.wav' }] });
  });

  it('takes the rest from the list of all files where the upload lists fewer than its total', async () => {
    server.answer(200, { batch_upload_id: 'u', total_files: 2, files: [file('a', 'completed')] });
    server.answer(200, { total_pages: 2, files: [{ ...file('x', 'completed'), batch_upload_id: 'other' }] });
    const ours = [file('b', 'failed'), file('a', 'completed')].map((one) => ({ ...one, batch_upload_id: 'u' }));
    server.answer(200, { total_pages: 2, files: ours });
    const upload = { batchUploadId: 'u', files: [] };
    const read = await readUploadedFiles(server.connection, { upload, totalFiles: 2, someFailed: true }, signal);
    expect(read).toEqual({ usable: [{ id: 'a', name: 'a.wav' }], failed: [{ id: 'b', name: 'b.wav' }] });
  });
});
