import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeleteSoketUploadInput } from '../../../src/activities/soket/soket.ts';
import { rowOf } from '../../setup/attempts.ts';
import { makeSoketSetup, type SoketSetup } from './soket-setup.ts';

describe('submitSoketBatch', () => {
  let setup: SoketSetup;
  beforeEach(async () => {
    setup = await makeSoketSetup();
  });
  afterEach(() => setup.close());

  const input = {
    upload: { batchUploadId: 'u', files: [{ id: 'f', name: 'a.wav' }] },
    totalFiles: 1,
    someFailed: false,
  };
  const submit = (number = 1, left?: unknown, more: Partial<typeof input> = {}) =>
    setup.attempt(setup.calls.submitSoketBatch, { ...input, ...more }, number, left);

  it('gives the batch and the span in which it is likely to end', async () => {
    setup.server.answer(202, { batch_id: 'b', estimated_completion_seconds: 10 });
    const processingTime = { earliestMs: 9000, latestMs: 15_000 };
    expect(await submit()).toMatchObject({ batchId: 'b', lost: null, processingTime, failed: [] });
  });

  it('submits only the files that were taken in', async () => {
    const files = [
      { file_id: 'f', filename: 'a.wav', upload_status: 'completed' },
      { file_id: 'g', filename: 'b.wav', upload_status: 'failed' },
    ];
    setup.server.answer(200, { batch_upload_id: 'u', files });
    setup.server.answer(202, { batch_id: 'b' });
    const made = await submit(1, undefined, { totalFiles: 2, someFailed: true });
    expect(made.failed).toEqual([{ id: 'g', name: 'b.wav' }]);
    expect(setup.server.requests[1]?.body).toBe('{"file_ids":["f"]}');
  });

  const row = (attempt: number, mayHaveHappened = false) => ({
    errors: rowOf('rate-limited', { attempt, mayHaveHappened }),
    memory: null,
  });

  it.each([
    ['409', 409, { type: 'JobNotFinished', nonRetryable: false }],
    ['429', 429, { type: 'RateLimited', nonRetryable: false }],
    ['401', 401, { type: 'CredentialRejected', nonRetryable: false }],
    ['404 of a proxy', 404, { type: 'JobNotFound', nonRetryable: false }],
  ])('submits after an attempt that was certainly refused with %s', async (_what, status, error) => {
    setup.server.answer(status, { error: 'no' });
    await expect(submit(3, row(2))).rejects.toMatchObject(error);
    const left = setup.heartbeats.at(-1);
    expect(left).toMatchObject({ errors: { attempt: 3, mayHaveHappened: false } });
    setup.server.answer(202, { batch_id: 'b' });
    expect((await submit(4, left)).batchId).toBe('b');
  });

  it('submits after an attempt that did not come to it', async () => {
    setup.server.answer(503, { error: 'down' });
    await expect(submit(1, undefined, { totalFiles: 2 })).rejects.toMatchObject({ type: 'ProviderUnavailable' });
    setup.server.answer(202, { batch_id: 'b' });
    expect((await submit(2, setup.heartbeats.at(-1))).batchId).toBe('b');
  });

  it('says when it asks again while the files are not taken in yet', async () => {
    setup.server.answer(409, { error: 'uploads are not complete' });
    await expect(submit()).rejects.toMatchObject({
      type: 'JobNotFinished',
      category: 'BENIGN',
      message: expect.stringContaining('uploads are not complete') as string,
      details: [{ statusCalls: 0, nextLookAt: expect.stringMatching(/^20/) as string }],
    });
  });

  it.each([
    ['a lost connection', 0, null],
    ['an error of a gateway', 504, { error: 'upstream' }],
    ['a body without an id', 202, {}],
  ])('does not know whether there is a batch after %s', async (_what, status, body) => {
    setup.server.answer(status, body);
    const made = await submit();
    expect(made).toMatchObject({ batchId: null, usable: [{ id: 'f' }] });
    expect(made.lost).toContain('submit the Soket batch');
  });

  it('submits after an attempt that 0.1 has called harmless', async () => {
    setup.server.answer(202, { batch_id: 'b' });
    expect((await submit(3, { harmlessAttempt: 2 })).batchId).toBe('b');
  });

  it.each([
    ['nothing', undefined],
    ['an older word', row(1)],
    ['a word of 0.1 on an older attempt', { harmlessAttempt: 1 }],
    ['that it may have been taken', row(2, true)],
  ])('sends nothing where the attempt before died and left %s', async (_what, left) => {
    expect(await submit(3, left)).toMatchObject({
      batchId: null,
      lost: expect.stringContaining('went away') as string,
    });
    expect(setup.server.requests).toEqual([]);
  });
});

describe('deleteSoketUpload', () => {
  it('deletes the files one by one where one unknown id refused them all', async () => {
    const setup = await makeSoketSetup();
    const files = ['a', 'b'].map((id) => ({ id, name: id }));
    for (const status of [404, 404, 200]) setup.server.answer(status, { error: 'not found', status });
    const remove = (input: DeleteSoketUploadInput) => setup.calls.deleteSoketUpload(input);
    await setup.attempt(remove, { upload: { batchUploadId: 'u', files }, totalFiles: 2 });
    const bodies = setup.server.requests.map(({ body }) => body);
    expect(bodies).toEqual(['{"file_ids":["a","b"]}', '{"file_ids":["a"]}', '{"file_ids":["b"]}']);
    await setup.close();
  });
});
