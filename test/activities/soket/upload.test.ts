import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markerOf } from '../../../src/contract/workflow-ids.ts';
import { makeSoketSetup, type SoketSetup } from './soket-setup.ts';

describe('uploadSoketFiles', () => {
  let setup: SoketSetup;
  beforeEach(async () => {
    setup = await makeSoketSetup();
  });
  afterEach(() => setup.close());

  const marker = '0123456789abcdef';
  const accepted = {
    ...{ batch_upload_id: 'new', status: 'accepted' },
    files: [{ file_id: 'f', filename: `a.${marker}.wav` }],
  };
  const entry = (upload: string, filename: string) => ({
    ...{ file_id: `${upload}-${filename[0] ?? ''}`, filename, size_bytes: 14, batch_upload_id: upload },
  });
  const upload = async (names: string[], number = 1, left?: unknown, more: { marker?: string } = { marker }) => {
    const sources = await Promise.all(names.map((name) => setup.describeSource(name, `bytes of ${name}`)));
    return setup.attempt(setup.transfers.uploadSoketFiles, { sources, ...more }, number, left);
  };
  /** What an attempt has left whose answer was lost. */
  const lost = async (names: string[]) => {
    setup.server.answer(0, null);
    await expect(upload(names)).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    setup.server.requests.length = 0;
    return setup.heartbeats.at(-1);
  };
  const methods = () => setup.server.requests.map(({ method }) => method);

  it('sends all files in one form, in order, with marked names, exact types and length', async () => {
    setup.server.answer(202, accepted);
    expect(await upload(['b.wav', 'a.mp3'])).toEqual({
      ...{ batchUploadId: 'new', marker },
      files: [{ id: 'f', name: 'a.wav' }],
    });
    expect(methods()).toEqual(['POST']);
    const [request] = setup.server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/transcribe/files/upload' });
    expect(request?.headers['content-length']).toBe(String(request?.body.length));
    expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    const parts = [
      ...(request?.body ?? '').matchAll(/name="(\w+)"; filename="(.*)"\r\nContent-Type: (.*)\r\n\r\n(.*)\r\n/g),
    ];
    expect(parts.map((part) => part.slice(1))).toEqual([
      ['files', `b.${marker}.wav`, 'audio/wav', 'bytes of b.wav'],
      ['files', `a.${marker}.mp3`, 'audio/mpeg', 'bytes of a.mp3'],
    ]);
  });

  it('lets no file name end its header', async () => {
    setup.server.answer(202, accepted);
    await upload(['x"\r\nX-Evil: 1\\.wav']);
    expect(setup.server.requests[0]?.body).toContain(`filename="x___X-Evil: 1_.${marker}.wav"\r\n`);
  });

  it('takes the upload whose answer was lost, by the marker alone, in the order of the sources', async () => {
    const left = await lost(['b.wav', 'a.wav']);
    const files = [entry('new', `a.${marker}.wav`), entry('new', `b.${marker}.wav`), entry('old', 'a.wav')];
    setup.server.answer(200, { total_pages: 1, files });
    expect(await upload(['b.wav', 'a.wav'], 2, left)).toEqual({
      ...{ batchUploadId: 'new', marker },
      files: [
        { id: 'new-b', name: 'b.wav' },
        { id: 'new-a', name: 'a.wav' },
      ],
    });
    expect(methods()).toEqual(['GET']);
  });

  it('looks for it on later pages too, since others upload meanwhile', async () => {
    const left = await lost(['a.wav']);
    setup.server.answer(200, { total_pages: 2, files: [entry('other', 'a.fedcba9876543210.wav')] });
    setup.server.answer(200, { total_pages: 2, files: [entry('new', `a.${marker}.wav`)] });
    expect((await upload(['a.wav'], 2, left)).batchUploadId).toBe('new');
    expect(methods()).toEqual(['GET', 'GET']);
  });

  it('takes each file once where one moves to the next page meanwhile', async () => {
    const left = await lost(['a.wav', 'b.wav']);
    const [a, b] = [entry('new', `a.${marker}.wav`), entry('new', `b.${marker}.wav`)];
    setup.server.answer(200, { total_pages: 2, files: [a] });
    setup.server.answer(200, { total_pages: 2, files: [a, b] });
    const { files } = await upload(['a.wav', 'b.wav'], 2, left);
    expect(files.map(({ id }) => id)).toEqual(['new-a', 'new-b']);
  });

  it.each([
    ['of the same name and size', 'a.wav'],
    ['of the same file by another job', 'a.fedcba9876543210.wav'],
    ['with a longer marker that begins alike', `a.${marker}0.wav`],
    ['with the marker in other letters', `a.${marker.toUpperCase()}.wav`],
    ['with the marker within a word', `a${marker}.wav`],
  ])('does not take an upload %s', async (_what, filename) => {
    const left = await lost(['a.wav']);
    setup.server.answer(200, { total_pages: 1, files: [entry('other', filename), entry('another', filename)] });
    setup.server.answer(202, accepted);
    expect((await upload(['a.wav'], 2, left)).batchUploadId).toBe('new');
    expect(methods()).toEqual(['GET', 'POST']);
  });

  it.each([429, 400, 401])('looks for nothing after a definite refusal with %i', async (status) => {
    setup.server.answer(status, { error: 'no' });
    await expect(upload(['a.wav'])).rejects.toMatchObject({ name: 'ApplicationFailure' });
    setup.server.requests.length = 0;
    setup.server.answer(202, accepted);
    expect((await upload(['a.wav'], 2, setup.heartbeats.at(-1))).batchUploadId).toBe('new');
    expect(methods()).toEqual(['POST']);
  });

  it('goes on looking after a lost answer, although a look failed and a second request was refused', async () => {
    let left = await lost(['a.wav']);
    setup.server.answer(503, { error: 'down' });
    await expect(upload(['a.wav'], 2, left)).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    left = setup.heartbeats.at(-1);
    setup.server.answer(200, { files: [] });
    setup.server.answer(429, { error: 'slow down' });
    await expect(upload(['a.wav'], 3, left)).rejects.toMatchObject({ type: 'RateLimited' });
    left = setup.heartbeats.at(-1);
    setup.server.answer(200, { files: [entry('new', `a.${marker}.wav`)] });
    expect((await upload(['a.wav'], 4, left)).batchUploadId).toBe('new');
    expect(methods()).toEqual(['GET', 'GET', 'POST', 'GET']);
  });

  it('looks first where the attempt before died', async () => {
    setup.server.answer(200, { files: [entry('new', `a.${marker}.wav`)] });
    expect((await upload(['a.wav'], 2)).batchUploadId).toBe('new');
    expect(methods()).toEqual(['GET']);
  });

  it('sends everything once more where what is found has no upload', async () => {
    setup.server.answer(200, { files: [{ ...entry('new', `a.${marker}.wav`), batch_upload_id: null }] });
    setup.server.answer(202, accepted);
    await upload(['a.wav'], 2);
    expect(methods()).toEqual(['GET', 'POST']);
  });

  it('makes the marker from the run where workflow code of 0.1 gives none', async () => {
    setup.server.answer(202, accepted);
    const made = await upload(['a.wav'], 1, undefined, {});
    expect(made.marker).toBe(markerOf('test', '00000000-0000-0000-0000-000000000000'));
    expect(setup.server.requests[0]?.body).toContain(`filename="a.${made.marker ?? ''}.wav"`);
  });

  it('does nothing again where the attempt before had the answer', async () => {
    const made = { batchUploadId: 'u', files: [] };
    for (const left of [
      { known: [], made },
      { errors: null, memory: { made } },
    ]) {
      expect(await upload(['a.wav'], 2, left)).toEqual(made);
    }
    expect(methods()).toEqual([]);
  });

  it('refuses a source that was changed, before anything is uploaded', async () => {
    const source = await setup.describeSource('a.wav', 'first');
    await writeFile(fileURLToPath(source.uri), 'second version');
    const attempt = setup.attempt(setup.transfers.uploadSoketFiles, { sources: [source], marker });
    await expect(attempt).rejects.toMatchObject({
      ...{ type: 'SourceUnreadable', nonRetryable: true },
      message: expect.stringContaining('is not the content') as string,
    });
    expect(methods()).toEqual([]);
  });

  it('breaks off at once when it is cancelled while bytes are still to be sent', async () => {
    const source = await setup.describeSource('large.wav', 'x'.repeat(64 * 1024 * 1024));
    setup.server.answer(200, { files: [] });
    setup.server.stopReading();
    const { uploadSoketFiles } = setup.transfers;
    const attempt = setup.cancelled(uploadSoketFiles, { sources: [source], marker }, () => setup.server.unread() === 1);
    await expect(attempt).rejects.toThrow(/cancel/i);
    expect(methods()).toEqual(['GET']);
  });
});
