import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { ActivityCancellationDetails, type ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createUploadTwelveLabsChunks,
  type UploadTwelveLabsChunksResult,
} from '../../../src/activities/twelvelabs/chunks.ts';
import type { HeartbeatDetails } from '../../../src/contract/messages.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { seal } from '../../../src/providers/connection/seal.ts';
import { ChunkBitmap } from '../../../src/upload/chunk-bitmap.ts';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import { openSource } from '../../../src/upload/open-source.ts';
import {
  type Answer,
  type SeenRequest,
  startTwelveLabsServer,
  type TwelveLabsServer,
} from '../../providers/twelvelabs/twelvelabs-server.ts';
import { inAttempt } from '../../setup/attempts.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

const chunkSizeBytes = 100;
const chunkCount = 60;
const upload = { uploadId: 'u1', assetId: 'a1', chunkSizeBytes, partHeaders: { 'content-type': 'video/mp4' } };
const bitmap = (...indexes: number[]) => {
  const set = new ChunkBitmap();
  for (const index of indexes) set.add(index);
  return set.encode();
};

function* breakOff(): Generator<Buffer> {
  yield Buffer.alloc(1);
  throw new TypeError('nobody knows');
}

describe('uploadTwelveLabsChunks', () => {
  let server: TwelveLabsServer;
  let folder: string;
  let source: SourceDescription;
  let status: string;
  /** What TwelveLabs lists, by index. */
  let rows: Map<number, string>;
  let storage: (index: number) => Answer;

  function answerSession({ query }: SeenRequest): Answer {
    const page = Number(query['page'] ?? 1);
    const limit = Number(query['page_limit'] ?? 10);
    const listed = [...rows].slice((page - 1) * limit, page * limit);
    const count = (wanted: string) => [...rows.values()].filter((word) => word === wanted).length;
    return {
      body: {
        status,
        uploaded_chunks: listed.map(([index, word]) => ({ index, status: word, error: 'Upload timeout' })),
        ...{ chunks_completed: count('completed'), chunks_failed: count('failed'), chunks_pending: 0 },
        page_info: { limit_per_page: limit, page, total_page: Math.ceil(rows.size / limit) },
      },
    };
  }

  function answer(request: SeenRequest): Answer {
    const { method, path, body } = request;
    if (method === 'PUT') return storage(Number(path.split('/').at(-1)));
    if (method === 'GET') return answerSession(request);
    if (path.endsWith('/presigned-urls')) {
      const { start, count } = body as { start: number; count: number };
      const url = (index: number) => `${server.url}/storage/${String(index)}?X-Amz-Signature=secret`;
      const indexes = Array.from({ length: count }, (_, offset) => start + offset);
      return { body: { upload_urls: indexes.map((index) => ({ chunk_index: index, url: url(index) })) } };
    }
    const { completed_chunks } = body as { completed_chunks: { chunk_index: number; proof: string }[] };
    for (const { chunk_index, proof } of completed_chunks)
      rows.set(chunk_index, proof === 'bad' ? 'failed' : 'completed');
    return { body: { asset_id: 'a9' } };
  }

  beforeAll(async () => {
    server = await startTwelveLabsServer();
    folder = await mkdtemp(join(tmpdir(), 'twelvelabs-chunks-'));
    await writeFile(join(folder, 'clip.mp4'), randomBytes(chunkSizeBytes * chunkCount - 1));
    source = await inspectSource(pathToFileURL(join(folder, 'clip.mp4')).href);
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answer = answer;
    status = 'active';
    rows = new Map();
    storage = (index) => ({ headers: { etag: `"etag-${String(index)}"` } });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const wave = (more: object = {}, info: object = {}, environment = inAttempt(info), dependencies: object = {}) => {
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details) => heartbeats.push(details));
    const activity = createUploadTwelveLabsChunks({
      connect: () => Promise.resolve(server.connection),
      inspectSource: (uri, signal) => inspectSource(uri, { signal }),
      openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
      results: createDirectoryResultStore(folder),
      timeScale: 100,
      random: () => 0.5,
      looks: new LookPlanner({ timeScale: 100, random: () => 0.5 }),
      ...dependencies,
    });
    const input = { source, upload, wave: 1, again: null, concurrency: 5, ...more };
    const done: Promise<UploadTwelveLabsChunksResult> = environment.run(activity, input);
    return { done, heartbeats };
  };
  const puts = () => server.requests.filter(({ method }) => method === 'PUT');
  const sent = () =>
    puts()
      .map(({ path }) => Number(path.split('/').at(-1)))
      .sort((one, other) => one - other);
  const reports = () =>
    server.requests
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/u1'))
      .map(({ body }) => (body as { completed_chunks: Record<string, unknown>[] }).completed_chunks);

  it('sends every chunk with the headers of the session and without our key, and reports by the ten', async () => {
    const { done, heartbeats } = wave();
    await expect(done).resolves.toMatchObject({ failed: null, assetId: 'a9', statusCalls: 2 });
    expect(sent()).toEqual(Array.from({ length: chunkCount }, (_, offset) => offset + 1));
    for (const { headers } of puts()) {
      expect(headers['content-type']).toBe('video/mp4');
      expect(headers).not.toHaveProperty('x-api-key');
    }
    expect(reports().map((batch) => batch.length)).toEqual([10, 10, 10, 10, 10, 10]);
    const last = reports()
      .flat()
      .find(({ chunk_index }) => chunk_index === chunkCount);
    expect(last).toEqual({ chunk_index: 60, proof: 'etag-60', proof_type: 'etag', chunk_size: 99 });
    expect(JSON.stringify([await done, heartbeats])).not.toMatch(/secret|etag/);
    expect(JSON.stringify(heartbeats.at(-1)).length).toBeLessThan(250);
  });

  it('sends the sealed headers of the session too, and keeps them out of heartbeats and results', async () => {
    const sealedHeaders = server.connection.seal(JSON.stringify([['x-amz-security-token', 'hidden']]));
    const { done, heartbeats } = wave({ upload: { ...upload, sealedHeaders } });
    await expect(done).resolves.toMatchObject({ failed: null });
    for (const { headers } of puts()) {
      expect(headers).toMatchObject({ 'content-type': 'video/mp4', 'x-amz-security-token': 'hidden' });
    }
    expect(JSON.stringify([await done, heartbeats])).not.toContain('hidden');
  });

  it('gives up a session whose headers were sealed with a key that has been replaced', async () => {
    const sealedHeaders = seal('the-key-before', '[["x-amz-security-token","hidden"]]');
    const { snapshot, failed } = await wave({ upload: { ...upload, sealedHeaders } }).done;
    expect(snapshot).toMatchObject({ phase: 'expired', status: 'active' });
    expect(snapshot.message).toMatch(/sealed with a key that has been replaced/);
    expect(failed).toBeNull();
    expect(puts()).toEqual([]);
  });

  it('sends what neither the list of TwelveLabs nor the attempt before says is there', async () => {
    // Chunks 1 to 55 are listed, on two pages; of 56 to 58 only the attempt before knows; 5 and 6 are listed as not there.
    for (let index = 1; index <= 55; index += 1) rows.set(index, 'completed');
    rows.set(5, 'failed').set(6, 'pending');
    const memory = { reported: bitmap(5, 6, 56, 57, 58), assetId: 'a1', statusCalls: 4 };
    const asTold = new Map(rows);
    // 0.1 left its memory bare.
    for (const heartbeatDetails of [{ errors: null, memory }, memory]) {
      rows = new Map(asTold);
      server.requests.length = 0;
      const { done } = wave({}, { attempt: 2, heartbeatDetails });
      await expect(done).resolves.toMatchObject({ failed: null, statusCalls: 4 + 2 + 1 });
      expect(sent()).toEqual([5, 6, 59, 60]);
    }
  });

  it('sends in a later wave only what failed, by the wave before or by TwelveLabs', async () => {
    rows.set(1, 'completed').set(2, 'failed').set(3, 'completed');
    const { done } = wave({ wave: 2, again: bitmap(3, 8) });
    await expect(done).resolves.toMatchObject({ failed: null });
    expect(sent()).toEqual([2, 8]);
  });

  it('sends one again that TwelveLabs called failed, and calls pending by now', async () => {
    for (let index = 1; index <= chunkCount; index += 1) rows.set(index, index === 3 ? 'pending' : 'completed');
    await expect(wave({ wave: 2, again: '' }).done).resolves.toMatchObject({ failed: null });
    expect(sent()).toEqual([3]);
  });

  it.each([
    ['a page of something in front of it', '<html>Sign in</html>'],
    ['a list', []],
    ['an error', { code: 'internal', message: 'try again' }],
  ])('takes %s for no answer to a report, and reports again', async (_what, body) => {
    server.answer = (request) =>
      request.method === 'POST' && request.path.endsWith('/u1') ? { body } : answer(request);
    const { done, heartbeats } = wave();
    await expect(done).rejects.toMatchObject({ type: 'UnexpectedResponse', nonRetryable: false });
    server.answer = answer;
    const next = wave({}, { attempt: 2, heartbeatDetails: heartbeats.at(-1) });
    await expect(next.done).resolves.toMatchObject({ failed: null, snapshot: { progress: { done: chunkCount } } });
  });

  it('hears nothing of chunks that the file has not', async () => {
    storage = (index) => ({ headers: { etag: index === 20 ? '"bad"' : '"good"' } });
    rows.set(4_294_967_296, 'failed').set(61, 'failed');
    const { failed } = await wave().done;
    expect([...ChunkBitmap.decode(failed?.chunks ?? '')]).toEqual([20]);
  });

  it('gives back which chunks TwelveLabs finds damaged, and the first reason', async () => {
    storage = (index) => ({ headers: { etag: index % 20 === 0 ? '"bad"' : '"good"' } });
    const { failed, retryInMs } = await wave().done;
    expect(failed).toMatchObject({ count: 3, first: { index: 20, reason: 'Upload timeout' } });
    expect([...ChunkBitmap.decode(failed?.chunks ?? '')]).toEqual([20, 40, 60]);
    expect(retryInMs).toBeGreaterThan(0);
    expect(puts()).toHaveLength(chunkCount);
  });

  const good: Answer = { headers: { etag: '"good"' } };

  it('makes chance failures good within an attempt', async () => {
    const left = new Map([
      [9, 1],
      [30, 2],
      [31, 3],
    ]);
    storage = (index) => {
      const failures = left.get(index) ?? 0;
      left.set(index, failures - 1);
      return failures > 0 ? { status: index === 30 ? 403 : 503 } : good;
    };
    const { done } = wave();
    await expect(done).resolves.toMatchObject({ failed: null });
    expect(puts()).toHaveLength(chunkCount + 6);
  });

  it('leaves what storage does not take to the next attempt, at the time it asks for, and the rest is done', async () => {
    storage = (index) => (index === 9 ? { status: 503, headers: { 'retry-after': '7' } } : good);
    const { done, heartbeats } = wave();
    const error: unknown = await done.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
    expect((error as Error).message).toContain('Could not upload 1 of the chunks (HTTP 503)');
    expect((error as ApplicationFailure).nextRetryDelay).toBeGreaterThanOrEqual(7000);
    expect(puts()).toHaveLength(chunkCount);
    const left = heartbeats.at(-1) as HeartbeatDetails<{ reported: string }>;
    expect([...ChunkBitmap.decode(left.memory?.reported ?? '')]).toHaveLength(chunkCount - 1);
    expect(left.errors).toMatchObject({ kind: 'unavailable', count: 1 });
    server.requests.length = 0;
    storage = () => good;
    const next = wave({}, { attempt: 2, heartbeatDetails: left });
    await expect(next.done).resolves.toMatchObject({ failed: null });
    expect(sent()).toEqual([9]);
    // What got through ends the row of errors.
    expect(next.heartbeats.at(-1)).toMatchObject({ errors: null });
  });

  it.each<[string, Partial<Record<number, number>>, string, boolean]>([
    ['an outage over a refused address', { 5: 403, 6: 503 }, 'ProviderUnavailable', false],
    ['a limit over all', { 5: 400, 6: 503, 7: 429, 8: 403 }, 'RateLimited', false],
    ['what passes over what does not', { 5: 400, 6: 403 }, 'ProviderUnavailable', false],
    ['what never passes only where it is alone', { 5: 400 }, 'RequestRejected', true],
  ])('tells %s', async (_what, statuses, type, final) => {
    storage = (index) => ({ status: statuses[index] ?? 200, headers: { etag: '"good"' } });
    await expect(wave().done).rejects.toMatchObject({ type, nonRetryable: final });
  });

  it('does not take an ETag that is missing for an upload', async () => {
    storage = (index) => (index === 30 ? {} : good);
    await expect(wave().done).rejects.toMatchObject({ type: 'UnexpectedResponse', nonRetryable: false });
  });

  it('does not lose a chunk whose bytes break off for a reason that nobody knows', async () => {
    const media = {
      ...{ ...source, read: () => Readable.from(breakOff()) },
      close: () => Promise.resolve(),
    };
    const { done } = wave({}, {}, inAttempt(), { openSource: () => Promise.resolve(media) });
    await expect(done).rejects.toMatchObject({
      ...{ type: 'ProviderUnavailable', nonRetryable: false },
      message: expect.stringContaining('nobody knows') as string,
    });
  });

  it('sends nothing to a session that has ended', async () => {
    status = 'expired';
    await expect(wave().done).resolves.toMatchObject({ failed: null, snapshot: { phase: 'expired' } });
    expect(puts()).toEqual([]);
  });

  it('takes the refusal of a session that ended meanwhile for its end, and any other for an error', async () => {
    const refuse = (ends: boolean) => {
      server.answer = (request) => {
        if (!request.path.endsWith('/presigned-urls')) return answer(request);
        if (ends) status = 'failed';
        return { status: 400, body: { code: 'parameter_invalid', message: 'no' } };
      };
    };
    refuse(true);
    await expect(wave().done).resolves.toMatchObject({ failed: null, snapshot: { phase: 'failed' } });
    status = 'active';
    refuse(false);
    await expect(wave().done).rejects.toMatchObject({ type: 'RequestRejected', nonRetryable: true });
  });

  it('sends nothing of a file that is no longer the one that was looked at', async () => {
    const { done } = wave({ source: { ...source, fingerprint: 'another' } });
    await expect(done).rejects.toMatchObject({ type: 'SourceUnreadable', nonRetryable: true });
    expect(server.requests).toEqual([]);
  });

  it('reports what has arrived when its worker stops, and not when the job is given up', async () => {
    const reportedAfter = async (reason: 'WORKER_SHUTDOWN' | 'CANCELLED') => {
      rows.clear();
      const environment = inAttempt();
      const details = { workerShutdown: reason === 'WORKER_SHUTDOWN', cancelRequested: reason === 'CANCELLED' };
      storage = (index) => {
        if (index === 15) environment.cancel(reason, new ActivityCancellationDetails(details));
        return { headers: { etag: '"e"' } };
      };
      await expect(wave({ concurrency: 1 }, {}, environment).done).rejects.toMatchObject({ name: 'CancelledFailure' });
      return rows.size;
    };
    expect(await reportedAfter('WORKER_SHUTDOWN')).toBeGreaterThanOrEqual(14);
    expect(await reportedAfter('CANCELLED')).toBe(10);
  });
});
