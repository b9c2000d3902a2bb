import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSoketSetup, type SoketSetup } from './soket-setup.ts';

describe('uploadSoketFiles', () => {
  let setup: SoketSetup;
  beforeEach(async () => {
    setup = await makeSoketSetup();
  });
  afterEach(() => setup.close());

  const accepted = { batch_upload_id: 'new', status: 'accepted', files: [{ file_id: 'f', filename: 'a.wav' }] };
  const entry = (upload: string, name: string, size: number) => ({
    file_id: `${upload}-${name}`,
    filename: name,
    size_bytes: size,
    batch_upload_id: upload,
  });
  const upload = async (names: string[], number = 1, left?: unknown) => {
    const sources = await Promise.all(names.map((name) => setup.describeSource(name, `bytes of ${name}`)));
    return setup.attempt(setup.transfers.uploadSoketFiles, { sources }, number, left);
  };
  const methods = () => setup.server.requests.map(({ method }) => method);

  it('sends all files in one form, in order, with exact names, types and length', async () => {
    setup.server.answer(200, { total_pages: 0, files: [] });
    setup.server.answer(202, accepted);
    expect(await upload(['b.wav', 'a.mp3'])).toEqual({ batchUploadId: 'new', files: [{ id: 'f', name: 'a.wav' }] });
    const request = setup.server.requests[1];
    expect(request).toMatchObject({ method: 'POST', path: '/transcribe/files/upload' });
    expect(request?.headers['content-length']).toBe(String(request?.body.length));
    expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    const parts = [
      ...(request?.body ?? '').matchAll(/name="(\w+)"; filename="(.*)"\r\nContent-Type: (.*)\r\n\r\n(.*)\r\n/g),
    ];
    expect(parts.map((part) => part.slice(1))).toEqual([
      ['files', 'b.wav', 'audio/wav', 'bytes of b.wav'],
      ['files', 'a.mp3', 'audio/mpeg', 'bytes of a.mp3'],
    ]);
  });

  it('lets no file name end its header', async () => {
    setup.server.answer(200, { files: [] });
    setup.server.answer(202, accepted);
    await upload(['x"\r\nX-Evil: 1\\.wav']);
    expect(setup.server.requests[1]?.body).toContain('filename="x___X-Evil: 1_.wav"\r\n');
  });

  it('remembers the uploads that were there before it sends anything', async () => {
    setup.server.answer(200, {
      files: [entry('old', 'a.wav', 1), entry('old', 'b.wav', 1), entry('older', 'a.wav', 1)],
    });
    setup.server.answer(500, { error: 'oops' });
    await expect(upload(['a.wav'])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(setup.heartbeats.at(-1)).toEqual({ known: ['old', 'older'], made: null });
  });

  it('takes the upload that an attempt before it made, by all names and sizes, in the order of the sources', async () => {
    const files = [entry('new', 'a.wav', 14), entry('new', 'b.wav', 14), entry('old', 'a.wav', 14)];
    setup.server.answer(200, { total_pages: 1, files });
    const made = await upload(['b.wav', 'a.wav'], 2, { known: ['old'], made: null });
    expect(made).toEqual({
      batchUploadId: 'new',
      files: [
        { id: 'new-b.wav', name: 'b.wav' },
        { id: 'new-a.wav', name: 'a.wav' },
      ],
    });
    expect(methods()).toEqual(['GET']);
  });

  it.each([
    ['of the same content that was there before', ['old'], [entry('old', 'a.wav', 14)]],
    ['with another size', ['old'], [entry('other', 'a.wav', 15), entry('old', 'x', 1)]],
    ['with another file besides', [], [entry('other', 'a.wav', 14), entry('other', 'b.wav', 14)]],
    ['where the known uploads are gone from the list', ['gone'], [entry('other', 'a.wav', 14)]],
  ])('does not take an upload %s', async (_what, known, files) => {
    setup.server.answer(200, { total_pages: 1, files });
    setup.server.answer(202, accepted);
    expect((await upload(['a.wav'], 2, { known, made: null })).batchUploadId).toBe('new');
    expect(methods()).toEqual(['GET', 'POST']);
  });

  it('does nothing again where the attempt before had the answer', async () => {
    const made = { batchUploadId: 'u', files: [] };
    expect(await upload(['a.wav'], 2, { known: [], made })).toEqual(made);
    expect(methods()).toEqual([]);
  });

  it('refuses a source that was changed, before anything is uploaded', async () => {
    const source = await setup.describeSource('a.wav', 'first');
    await writeFile(fileURLToPath(source.uri), 'second version');
    setup.server.answer(200, { files: [] });
    const attempt = setup.attempt(setup.transfers.uploadSoketFiles, { sources: [source] });
    await expect(attempt).rejects.toMatchObject({ name: 'SourceError', kind: 'changed' });
    expect(methods()).toEqual(['GET']);
  });

  it('breaks off at once when it is cancelled while bytes are still to be sent', async () => {
    const source = await setup.describeSource('large.wav', 'x'.repeat(64 * 1024 * 1024));
    for (const page of [1, 2]) setup.server.answer(200, { page, files: [] });
    setup.server.stopReading();
    const { uploadSoketFiles } = setup.transfers;
    const attempt = setup.cancelled(uploadSoketFiles, { sources: [source] }, () => setup.server.unread() === 1);
    await expect(attempt).rejects.toThrow(/cancel/i);
    expect(methods()).toEqual(['GET', 'GET']);
  });
});
