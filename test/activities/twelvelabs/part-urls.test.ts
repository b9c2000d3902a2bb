import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPartUrls } from '../../../src/activities/twelvelabs/part-urls.ts';
import { eventually } from '../../setup/eventually.ts';
import { startTwelveLabsServer, type TwelveLabsServer } from '../../providers/twelvelabs/twelvelabs-server.ts';

describe('the addresses of parts', () => {
  let server: TwelveLabsServer;
  let issued: number;
  let lifeMs: number | null;
  beforeAll(async () => {
    server = await startTwelveLabsServer();
    server.answer = ({ body }) => {
      const { start, count } = body as { start: number; count: number };
      const upload_urls = Array.from({ length: count }, (_, offset) => ({
        chunk_index: start + offset,
        url: `https://storage.example/${String(start + offset)}?sig=${String((issued += 1))}`,
        expires_at: lifeMs === null ? null : new Date(Date.now() + lifeMs).toISOString(),
      }));
      return { body: { upload_urls } };
    };
  });
  beforeEach(() => {
    server.requests.length = 0;
    issued = 0;
    lifeMs = 24 * 3_600_000;
  });
  afterAll(() => server.close());

  const from = (indexes: number[], timeScale = 1) => {
    const { signal } = new AbortController();
    return createPartUrls({ connection: server.connection, uploadId: 'u1', indexes, timeScale, signal });
  };
  const windows = () => server.requests.map(({ body }) => body);

  it('are asked for by fifty at most, and each is handed out once', async () => {
    const indexes = Array.from({ length: 120 }, (_, offset) => offset + 1);
    const freshUrl = from(indexes);
    const urls = await Promise.all(indexes.map((index) => freshUrl(index)));
    expect(new Set(urls).size).toBe(120);
    expect(urls.map((url) => Number(new URL(url).pathname.slice(1)))).toEqual(indexes);
    expect(windows()).toEqual([
      { start: 1, count: 50 },
      { start: 51, count: 50 },
      { start: 101, count: 20 },
    ]);
  });

  it('are asked for no further than the chunks that are to be sent', async () => {
    const freshUrl = from([3, 7, 200]);
    for (const index of [3, 7, 200]) await freshUrl(index);
    expect(windows()).toEqual([
      { start: 3, count: 5 },
      { start: 200, count: 1 },
    ]);
  });

  it('are asked for again for a second attempt', async () => {
    const freshUrl = from([1, 2]);
    const first = await freshUrl(1);
    expect(await freshUrl(1)).not.toBe(first);
  });

  it('are given up well before they expire, an hour after at most whatever they say', async () => {
    lifeMs = null;
    // Scaled like this the hour is 36 ms.
    const freshUrl = from([1, 2], 100_000);
    await freshUrl(1);
    const beganMs = Date.now();
    await eventually('the address of chunk 2 is past its time', () => Date.now() - beganMs > 36);
    await freshUrl(2);
    expect(windows()).toEqual([
      { start: 1, count: 2 },
      { start: 2, count: 1 },
    ]);
  });

  it('are missed by name where the answer does not hold them', async () => {
    const { answer } = server;
    server.answer = () => ({ body: { upload_urls: [] } });
    await expect(from([4])(4)).rejects.toMatchObject({
      kind: 'unexpected-response',
      operation: 'ask for the upload address of chunk 4',
    });
    server.answer = answer;
  });
});
