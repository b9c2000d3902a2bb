import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { UploadChunksInput, UploadedChunk, UploadState } from '../../src/upload/chunk-upload.ts';
import type { MediaSource } from '../../src/upload/media-source.ts';
import { openSource } from '../../src/upload/open-source.ts';
import { uploadChunks } from '../../src/upload/upload-chunks.ts';

const chunkSizeBytes = 50_000;
const content = randomBytes(20 * chunkSizeBytes - 12_345);
const everyIndex = Array.from({ length: 20 }, (_, position) => position + 1);
let directory: string;
let path: string;
let source: MediaSource;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'upload-chunks-'));
  path = join(directory, 'clip.mp4');
  await writeFile(path, content);
  source = await openSource(pathToFileURL(path).href);
});

afterEach(async () => {
  await source.close();
  await rm(directory, { recursive: true });
});

/** Storage and provider in memory, with what they were sent. */
function makeBackend() {
  const stored = new Map<number, Buffer>();
  const reports: UploadedChunk[][] = [];
  const urls: string[] = [];
  const inFlight = { now: 0, most: 0 };
  const input: UploadChunksInput = {
    ...{ source, chunkSizeBytes, totalBytes: content.length, indexes: everyIndex, concurrency: 4, reportBatchSize: 6 },
    signal: new AbortController().signal,
    freshUrl: (index) => {
      const url = `https://storage.example/${String(index)}?sig=secret${String(urls.length)}`;
      urls.push(url);
      return Promise.resolve(url);
    },
    putChunk: async (index, _url, body, sizeBytes) => {
      inFlight.now += 1;
      inFlight.most = Math.max(inFlight.most, inFlight.now);
      const bytes = await buffer(body).finally(() => (inFlight.now -= 1));
      expect(bytes.length).toBe(sizeBytes);
      stored.set(index, bytes);
      return { etag: etagOf(bytes) };
    },
    report: async (chunks) => {
      await setImmediate();
      reports.push([...chunks]);
    },
  };
  return { input, stored, reports, urls, inFlight };
}

function etagOf(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

function reportedIndexes(reports: UploadedChunk[][]): number[] {
  return reports
    .flat()
    .map(({ index }) => index)
    .sort((one, other) => one - other);
}

describe('a run without faults', () => {
  test('stores every byte once and reports every ETag once, in batches', async () => {
    const { input, stored, reports, urls, inFlight } = makeBackend();
    expect(await uploadChunks(input)).toEqual({ reported: everyIndex, failed: [] });
    expect(Buffer.concat(everyIndex.map((index) => stored.get(index) ?? Buffer.alloc(0))).equals(content)).toBe(true);
    expect(reportedIndexes(reports)).toEqual(everyIndex);
    expect(reports.map(({ length }) => length)).toEqual([6, 6, 6, 2]);
    for (const { index, etag, sizeBytes } of reports.flat()) {
      expect(etag).toBe(etagOf(stored.get(index) ?? Buffer.alloc(0)));
      expect(sizeBytes).toBe(index === 20 ? chunkSizeBytes - 12_345 : chunkSizeBytes);
    }
    expect(new Set(urls).size).toBe(20);
    expect(inFlight.most).toBe(4);
  });

  test('uploads only the chunks that it is given', async () => {
    const { input, stored } = makeBackend();
    expect((await uploadChunks({ ...input, indexes: [3, 17] })).reported).toEqual([3, 17]);
    expect([...stored.keys()].sort((one, other) => one - other)).toEqual([3, 17]);
  });

  test('tells its progress', async () => {
    const { input } = makeBackend();
    const states: (Omit<UploadState, 'reported'> & { reported: number })[] = [];
    await uploadChunks({
      ...input,
      onProgress: (state) => states.push({ ...state, reported: state.reported.count }),
    });
    expect(states[0]).toMatchObject({ inFlightChunks: 1, uploadedChunks: 0, reported: 0 });
    expect(Math.max(...states.map(({ inFlightChunks }) => inFlightChunks))).toBe(4);
    expect(states.at(-1)).toEqual({
      ...{ inFlightChunks: 0, uploadedChunks: 20, uploadedBytes: content.length, failedChunks: 0, reported: 20 },
    });
  });

  test('never leaves more than one batch and what is in flight unreported', async () => {
    const { input } = makeBackend();
    let unreported = 0;
    let most = 0;
    await uploadChunks({
      ...input,
      putChunk: async (index, url, body, sizeBytes, signal) => {
        unreported += 1;
        most = Math.max(most, unreported);
        return input.putChunk(index, url, body, sizeBytes, signal);
      },
      report: async (chunks) => {
        for (let turn = 0; turn < 50; turn += 1) await setImmediate();
        unreported -= chunks.length;
      },
    });
    expect(most).toBeLessThanOrEqual(4 + 6);
    expect(unreported).toBe(0);
  });

  test('never reports twice at once', async () => {
    const { input } = makeBackend();
    let reporting = 0;
    const report = vi.fn(async () => {
      reporting += 1;
      expect(reporting).toBe(1);
      await setImmediate();
      reporting -= 1;
    });
    await uploadChunks({ ...input, reportBatchSize: 1, concurrency: 8, report });
    expect(report).toHaveBeenCalledTimes(20);
  });
});

describe('a chunk that storage refuses', () => {
  test('fails alone, with a reason that shows no signature', async () => {
    const { input, reports } = makeBackend();
    const result = await uploadChunks({
      ...input,
      putChunk: (index, url, body, sizeBytes, signal) =>
        [5, 9].includes(index)
          ? Promise.reject(new Error(`PUT ${url} answered 503`))
          : input.putChunk(index, url, body, sizeBytes, signal),
    });
    const others = everyIndex.filter((index) => ![5, 9].includes(index));
    expect(result.reported).toEqual(others);
    expect(reportedIndexes(reports)).toEqual(others);
    expect(result.failed).toEqual([
      { index: 5, reason: 'PUT https://storage.example/5 answered 503' },
      { index: 9, reason: 'PUT https://storage.example/9 answered 503' },
    ]);
  });

  test('is tried again with a fresh URL as often as asked', async () => {
    const { input, urls, stored } = makeBackend();
    let refusals = 0;
    const result = await uploadChunks({
      ...input,
      ...{ indexes: [7], maxAttempts: 3 },
      putChunk: async (index, url, body, sizeBytes, signal) => {
        if (refusals < 2) {
          refusals += 1;
          throw new Error('503');
        }
        return input.putChunk(index, url, body, sizeBytes, signal);
      },
    });
    expect(result).toEqual({ reported: [7], failed: [] });
    expect(new Set(urls).size).toBe(3);
    expect(stored.get(7)?.equals(content.subarray(6 * chunkSizeBytes, 7 * chunkSizeBytes))).toBe(true);
  });
});

describe('a run that stops', () => {
  test('reports what is uploaded, sends no more, and ends the rest when it is aborted', async () => {
    const { input, reports } = makeBackend();
    const abort = new AbortController();
    const ended: number[] = [];
    const running = uploadChunks({
      ...{ ...input, signal: abort.signal },
      putChunk: async (index, url, body, sizeBytes, signal) => {
        if (index <= 3) return input.putChunk(index, url, body, sizeBytes, signal);
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        ended.push(index);
        throw new Error('aborted');
      },
      onProgress: ({ uploadedChunks, inFlightChunks }) => {
        if (uploadedChunks === 3 && inFlightChunks === 4) abort.abort(new Error('worker shuts down'));
      },
    });
    await expect(running).rejects.toThrow('worker shuts down');
    expect(reportedIndexes(reports)).toEqual([1, 2, 3]);
    expect(ended.every((index) => index <= 7)).toBe(true);
    expect(ended.length).toBeGreaterThanOrEqual(3);
  });

  test('does nothing when it is aborted beforehand', async () => {
    const { input, urls } = makeBackend();
    const running = uploadChunks({ ...input, signal: AbortSignal.abort(new Error('too late')) });
    await expect(running).rejects.toThrow('too late');
    expect(urls).toEqual([]);
  });

  test.each(['freshUrl', 'report'] as const)('throws the error of %s after reporting the rest', async (call) => {
    const { input, reports, stored } = makeBackend();
    let calls = 0;
    const failSecond = <Argument, Result>(action: (argument: Argument) => Promise<Result>) => {
      return (argument: Argument): Promise<Result> => {
        calls += 1;
        return calls === 2 ? Promise.reject(new Error('provider is away')) : action(argument);
      };
    };
    const freshUrl = failSecond((index: number) => input.freshUrl(index));
    const report = failSecond((chunks: readonly UploadedChunk[]) => input.report(chunks));
    const running = uploadChunks({
      ...input,
      ...(call === 'report' ? { report } : { freshUrl }),
    });
    await expect(running).rejects.toThrow('provider is away');
    expect(reportedIndexes(reports)).toEqual([...stored.keys()].sort((one, other) => one - other));
    expect(stored.size).toBeLessThan(20);
  });

  test('reports chunks that were waiting for a failed report, in batches', async () => {
    const { input, reports, stored } = makeBackend();
    let finished = 0;
    let calls = 0;
    const running = uploadChunks({
      ...{ ...input, reportBatchSize: 2 },
      putChunk: (index) => {
        stored.set(index, Buffer.alloc(0));
        finished += 1;
        return Promise.resolve({ etag: String(index) });
      },
      report: async (chunks) => {
        calls += 1;
        if (calls > 1) return input.report(chunks);
        await vi.waitFor(
          () => {
            expect(finished).toBe(5);
          },
          { timeout: 20_000 },
        );
        throw new Error('provider is away');
      },
    });
    await expect(running).rejects.toThrow('provider is away');
    expect(reports.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(reportedIndexes(reports)).toEqual([...stored.keys()].sort((one, other) => one - other));
  });

  test('throws the source error when the file shrinks, having reported the chunks before', async () => {
    const { input, reports } = makeBackend();
    const running = uploadChunks({
      ...{ ...input, concurrency: 1 },
      putChunk: async (index, url, body, sizeBytes, signal) => {
        if (index === 4) await truncate(path, 100_000);
        return input.putChunk(index, url, body, sizeBytes, signal);
      },
    });
    await expect(running).rejects.toMatchObject({ name: 'SourceError', kind: 'changed' });
    expect(reportedIndexes(reports)).toEqual([1, 2, 3]);
  });

  test('refuses a source of another size than the upload was created for', async () => {
    const { input, urls } = makeBackend();
    const running = uploadChunks({ ...input, totalBytes: content.length + 1 });
    await expect(running).rejects.toMatchObject({ name: 'SourceError', kind: 'changed' });
    expect(urls).toEqual([]);
  });
});

describe('over real HTTP', () => {
  let storage: Server;
  const received = new Map<string, Buffer>();

  beforeEach(async () => {
    storage = createServer((incoming, response) => {
      void buffer(incoming).then(
        (bytes) => {
          received.set(incoming.url ?? '', bytes);
          response.writeHead(200, { etag: `"${etagOf(bytes)}"` }).end();
        },
        () => undefined,
      );
    });
    await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    received.clear();
    storage.closeAllConnections();
    await new Promise((resolve) => storage.close(resolve));
  });

  function overHttp(input: UploadChunksInput): UploadChunksInput {
    const { port } = storage.address() as AddressInfo;
    return {
      ...input,
      freshUrl: (index) => Promise.resolve(`http://127.0.0.1:${String(port)}/${String(index)}`),
      putChunk: async (_index, url, body, sizeBytes, signal) => {
        const headers = { 'content-length': String(sizeBytes) };
        const answer = await request(url, { method: 'PUT', body, signal, headers });
        await answer.body.dump();
        return { etag: String(answer.headers['etag']) };
      },
    };
  }

  test('streams every chunk whole', async () => {
    const { input } = makeBackend();
    expect((await uploadChunks(overHttp(input))).reported).toEqual(everyIndex);
    const chunks = everyIndex.map((index) => received.get(`/${String(index)}`) ?? Buffer.alloc(0));
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  test('gives storage no complete chunk of a file that shrinks, and names the source as the cause', async () => {
    const input = overHttp(makeBackend().input);
    await truncate(path, 120_000);
    const running = uploadChunks({
      ...{ ...input, concurrency: 1 },
      putChunk: (...put) => input.putChunk(...put).catch(() => Promise.reject(new Error('request failed'))),
    });
    await expect(running).rejects.toMatchObject({ name: 'SourceError', kind: 'changed' });
    expect(received.size).toBe(0);
  });
});
