import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSoketSetup, type SoketSetup } from './soket-setup.ts';

describe('results whose page is larger than an answer may be', () => {
  let setup: SoketSetup;
  beforeEach(async () => {
    setup = await makeSoketSetup();
  });
  afterEach(() => setup.close());

  const collect = (input: { batchId: string }) =>
    setup.attempt(setup.transfers.collectSoketResults, { fileIds: [], options: {}, folder: 'job', ...input });
  const done = (file_id: string, filename: string, result: unknown) => ({
    ...{ file_id, filename, result },
    status: 'completed',
  });
  const heavy = (index: number, mebibytes: number) =>
    done(`f${String(index)}`, `f${String(index)}.wav`, {
      text: `heard ${String(index)}`,
      words: 'w'.repeat(mebibytes * 2 ** 20),
    });

  /** A batch whose pages are as the vendor makes them. */
  function serve(all: readonly object[], saysTotal = true) {
    setup.server.answerWith(({ path }) => {
      const query = new URL(path, 'http://server').searchParams;
      const [page, limit] = [Number(query.get('page')), Number(query.get('limit'))];
      const files = all.slice((page - 1) * limit, page * limit);
      return { status: 200, body: { files, ...(saysTotal ? { total_pages: Math.ceil(all.length / limit) } : {}) } };
    });
  }
  const asked = () => setup.server.requests.map(({ path }) => path.replace(/^.*page=(\d+)&limit=(\d+)$/, '$1/$2'));

  it('asks for smaller pages, and stores every file once', async () => {
    serve(Array.from({ length: 12 }, (_, index) => heavy(index + 1, 2)));
    const { files, artifacts } = await collect({ batchId: 'b' });
    expect(files.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, index) => `f${String(index + 1)}`));
    expect(artifacts).toHaveLength(25);
    expect(asked()).toEqual(['1/10', '1/5', '2/5', '2/10']);
  });

  it('takes a single result that is larger than a page may be', async () => {
    serve([heavy(1, 1), heavy(2, 18), heavy(3, 1)]);
    const { files, artifacts } = await collect({ batchId: 'b' });
    expect(files.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(artifacts.find(({ name }) => name === 'f2.wav.json')?.sizeBytes).toBeGreaterThan(18 * 2 ** 20);
    expect(asked()).toEqual(['1/10', '1/5', '1/1', '2/1', '3/1']);
  });

  it('says that a result is too large where no page is small enough', async () => {
    setup.server.answerWith(() => ({ status: 200, body: { total_pages: 1, files: [heavy(1, 129)] } }));
    // After three tries; this is the first.
    await expect(collect({ batchId: 'b' })).rejects.toMatchObject({
      ...{ type: 'UnexpectedResponse', nonRetryable: false },
      message: expect.stringMatching(/larger than 128 MiB/) as string,
    });
  });

  it('reads on where a full page does not say how many there are', async () => {
    serve(
      Array.from({ length: 20 }, (_, index) => heavy(index + 1, 0)),
      false,
    );
    const { files } = await collect({ batchId: 'b' });
    expect(files).toHaveLength(20);
    expect(asked()).toEqual(['1/10', '2/10', '3/10']);
  });

  it('ends where every page is the same one', async () => {
    const files = Array.from({ length: 10 }, (_, index) => heavy(index + 1, 0));
    setup.server.answerWith(() => ({ status: 200, body: { total_pages: 1e9, files } }));
    expect((await collect({ batchId: 'b' })).files).toHaveLength(10);
    expect(setup.server.requests).toHaveLength(2);
  });
});
