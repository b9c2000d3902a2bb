import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSoketSetup, type SoketSetup } from './soket-setup.ts';

describe('collectSoketResults', () => {
  let setup: SoketSetup;
  beforeEach(async () => {
    setup = await makeSoketSetup();
  });
  afterEach(() => setup.close());

  const collect = (input: { batchId: string | null; fileIds?: string[] }) =>
    setup.attempt(setup.transfers.collectSoketResults, { fileIds: [], options: {}, folder: 'job', ...input });
  const done = (file_id: string, filename: string | null, result: unknown) => ({
    file_id,
    filename,
    status: 'completed',
    result,
  });

  describe('of a batch whose files are known', () => {
    const both = [done('1', 'a.wav', { text: 'one' }), done('2', 'b.wav', { text: 'two' })];
    const known = { batchId: 'b', fileIds: ['1', '2'] };

    it.each([
      ['no file', { files: [], total_pages: 0 }],
      ['rows that say nothing', { files: [1, null, 'x', {}], total_pages: 1 }],
      ['files of others alone', { files: [done('9', 'c.wav', {})], total_pages: 1 }],
    ])('are asked for again, however often, where the answer lists %s', async (_what, body) => {
      setup.server.answerWith(() => ({ status: 200, body }));
      const refused = { type: 'UnexpectedResponse', nonRetryable: false };
      await expect(collect(known)).rejects.toMatchObject(refused);
    });

    const longAgo = { count: 2, sinceMs: Date.now() - 120_000 / 100 };

    it('are asked for over two minutes where some files are not listed, and then stored as far as they are', async () => {
      setup.server.answerWith(() => ({ status: 200, body: { files: both.slice(0, 1), total_pages: 1 } }));
      const words = { message: expect.stringContaining('results of 1 of the 2 files are not listed') as string };
      await expect(collect(known)).rejects.toMatchObject(words);
      const collectAfter = (row: object) => {
        const left = { errors: null, memory: { 'results.json': row } };
        return setup.attempt(setup.transfers.collectSoketResults, { options: {}, folder: 'job', ...known }, 3, left);
      };
      await expect(collectAfter({ count: 9, sinceMs: Date.now() })).rejects.toMatchObject(words);
      const { files, missing } = await collectAfter(longAgo);
      expect(files.map(({ id }) => id)).toEqual(['1']);
      expect(missing).toEqual([]);
    });

    it('are named as missing where the batch is one of others, which has more files than are listed', async () => {
      setup.server.answerWith(() => ({ status: 200, body: { files: both, total_pages: 1 } }));
      const tracked = { batchId: 'b', fileIds: [], options: {}, folder: 'job', totalFiles: 3 };
      const first = setup.attempt(setup.transfers.collectSoketResults, tracked);
      const words = expect.stringContaining('results of 1 of the 3 files are not listed') as string;
      await expect(first).rejects.toMatchObject({ message: words });
      const left = { errors: null, memory: { 'results.json': longAgo } };
      const { files, missing } = await setup.attempt(setup.transfers.collectSoketResults, tracked, 3, left);
      expect(files).toHaveLength(2);
      expect(missing).toEqual([{ name: 'other results', why: words }]);
    });

    it('are asked for again where a completed file has none yet, which is named as missing in the end', async () => {
      const without = [done('1', 'a.wav', null), both[1]];
      setup.server.answerWith(() => ({ status: 200, body: { files: without, total_pages: 1 } }));
      const words = expect.stringContaining('a.wav is completed without a result') as string;
      await expect(collect(known)).rejects.toMatchObject({ message: words, nonRetryable: false });
      const left = { errors: null, memory: { 'a.wav.result': longAgo } };
      const { missing, artifacts } = await setup.attempt(
        setup.transfers.collectSoketResults,
        { options: {}, folder: 'job', ...known },
        3,
        left,
      );
      expect(missing).toEqual([{ name: 'a.wav.result', why: words }]);
      expect(artifacts.map(({ name }) => name)).toContain('b.wav.transcript.txt');
    });

    it('are its own alone', async () => {
      setup.server.answer(200, { total_pages: 1, files: [...both, done('9', 'c.wav', { text: 'of others' })] });
      const { artifacts, files } = await collect(known);
      expect(files.map(({ id }) => id)).toEqual(['1', '2']);
      const text = await readFile(fileURLToPath(artifacts[0]?.uri ?? ''), 'utf8');
      expect(text).not.toContain('of others');
    });
  });

  it('gives files of the same name results of their own, with the id', async () => {
    const files = [
      done('1', 'a.wav', { text: 'one' }),
      done('2', 'a.wav', { text: 'two' }),
      done('3', 'results', {}),
      done('5', 'Outcome', {}),
      done('4', null, {}),
    ];
    setup.server.answer(200, { total_pages: 1, files });
    const { artifacts } = await collect({ batchId: 'b' });
    expect(artifacts.map(({ name }) => name)).toEqual([
      'results.json',
      'a.wav.1.json',
      'a.wav.1.transcript.txt',
      'a.wav.2.json',
      'a.wav.2.transcript.txt',
      'results.3.json',
      'Outcome.5.json',
      '4.json',
    ]);
    const text = await readFile(fileURLToPath(artifacts[4]?.uri ?? ''), 'utf8');
    expect(text).toBe('two\n');
  });

  it('makes WebVTT where the result plainly has segments with times and text', async () => {
    const segments = [
      { start: 0, end: 1.5, text: 'one' },
      { start: 1.5, end: 2, text: 'two' },
      { start: '2', end: 3, text: 'three' },
    ];
    setup.server.answer(200, { files: [done('1', 'a.wav', { segments })] });
    const { artifacts, missing } = await collect({ batchId: 'b' });
    expect(artifacts.map(({ name }) => name)).toEqual([
      ...['results.json', 'a.wav.json'],
      ...['transcript.txt', 'transcript.vtt'],
    ]);
    expect(missing).toEqual([]);
    const [text, vtt] = await Promise.all(artifacts.slice(2).map(({ uri }) => readFile(fileURLToPath(uri), 'utf8')));
    expect(text).toBe('one two three\n');
    expect(vtt?.split('\n\n').slice(1)).toEqual([
      '00:00:00.000 --> 00:00:01.500\none',
      '00:00:01.500 --> 00:00:02.000\ntwo',
      '00:00:02.000 --> 00:00:03.000\nthree\n',
    ]);
  });

  it.each([[{ text: {} }], ['text'], [{ transcript: 'x' }]])('invents no text for the result %j', async (result) => {
    setup.server.answer(200, { files: [done('1', 'a.wav', result)] });
    const { artifacts } = await collect({ batchId: 'b' });
    expect(artifacts.map(({ name }) => name)).toEqual(['results.json', 'a.wav.json']);
  });

  it('takes a status that nobody knows for a success only where there is a result', async () => {
    const files = [
      { file_id: '1', status: 'archived', result: {} },
      { file_id: '2', status: 'archived', result: null },
    ];
    setup.server.answer(200, { files });
    const outcome = await collect({ batchId: 'b' });
    expect(outcome.files.map(({ phase }) => phase)).toEqual(['succeeded', 'failed']);
  });

  it('asks again later where the batch has ended but a file is still retrying', async () => {
    setup.server.answer(200, { files: [{ file_id: '1', status: 'retrying' }] });
    await expect(collect({ batchId: 'b' })).rejects.toMatchObject({ type: 'UnexpectedResponse' });
  });

  it('keeps the key and signed addresses out of what a file says about its failure', async () => {
    const errors = [`key soket-key cannot read https://storage.example/a?X-Amz-Signature=abc ${'x'.repeat(600)}`];
    setup.server.answer(200, { files: [{ file_id: '1', status: 'failed', errors }] });
    const { files, artifacts } = await collect({ batchId: 'b' });
    expect(files[0]?.message).not.toMatch(/soket-key|X-Amz|abc/);
    expect(files[0]?.message?.length).toBeLessThanOrEqual(300);
    expect(artifacts).toEqual([]);
  });

  it('reads each file by itself where the batch id was lost', async () => {
    setup.server.answer(200, done('1', 'a.wav', { text: 'one' }));
    setup.server.answer(200, { file_id: '2', filename: 'b.wav', status: 'failed', errors: ['noise'] });
    const { files } = await collect({ batchId: null, fileIds: ['1', '2'] });
    expect(setup.server.requests.map(({ path }) => path)).toEqual([
      '/transcribe/results/file/1',
      '/transcribe/results/file/2',
    ]);
    expect(files).toMatchObject([{ phase: 'succeeded' }, { phase: 'failed', message: 'noise' }]);
  });
});
