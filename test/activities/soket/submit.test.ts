import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeleteSoketUploadInput } from '../../../src/activities/soket/soket.ts';
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

  it.each([
    ['409', 409, { type: 'JobNotFinished' }],
    ['429', 429, { kind: 'rate-limited' }],
    ['401', 401, { kind: 'credential-refused' }],
  ])(
    'marks an attempt that was refused with %s as harmless, so that the next one submits',
    async (_what, status, error) => {
      setup.server.answer(status, { error: 'no' });
      await expect(submit(3, { harmlessAttempt: 2 })).rejects.toMatchObject(error);
      expect(setup.heartbeats).toEqual([{ harmlessAttempt: 3 }]);
      setup.server.answer(202, { batch_id: 'b' });
      expect((await submit(4, { harmlessAttempt: 3 })).batchId).toBe('b');
    },
  );

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

  it.each([
    ['nothing', undefined],
    ['an older word', { harmlessAttempt: 1 }],
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
