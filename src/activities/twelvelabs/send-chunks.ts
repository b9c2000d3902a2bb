import { setTimeout as delay } from 'node:timers/promises';
import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { putToStorage } from '../../providers/connection/storage.ts';
import { isTerminal } from '../../snapshot.ts';
import { backOffDelayMs } from '../../polling/back-off.ts';
import { reportTwelveLabsChunks } from '../../providers/twelvelabs/twelvelabs-session-calls.ts';
import { ChunkBitmap } from '../../upload/chunk-bitmap.ts';
import { countChunks } from '../../upload/chunk-range.ts';
import type { MediaSource } from '../../upload/media-source.ts';
import { uploadChunks } from '../../upload/upload-chunks.ts';
import type { Pace } from '../patience/judge.ts';
import { givenUpSignal } from '../patience/patiently.ts';
import { createPartUrls } from './part-urls.ts';
import { listChunks, observeSession, remember, type SessionChunks, type Wave } from './wave.ts';

// The vendor's own client reports by the ten.
const reportBatchSize = 10;
// Chance failures are made good within an attempt; what outlasts this, or asks for more patience, waits for the next.
const mostPasses = 5;
const longestPauseMs = 5000;

function pickIndexes({ input, reported }: Wave, session: SessionChunks): number[] {
  const { source, upload, again } = input;
  const all = Array.from({ length: countChunks(upload.chunkSizeBytes, source.sizeBytes) }, (_, offset) => offset + 1);
  const asked = again === null ? null : ChunkBitmap.decode(again);
  return all.filter((index) => {
    const said = session.chunks.get(index);
    // One that failed may be called pending again by now.
    if (said !== undefined) return said !== 'completed';
    return !reported.has(index) && (asked?.has(index) ?? true);
  });
}

async function putPart(wave: Wave, part: Omit<Parameters<typeof putToStorage>[1], 'headers'>) {
  try {
    const put = await putToStorage(wave.connection.agents, { ...part, headers: wave.partHeaders });
    if (put.etag !== '') return put;
    const words = 'storage gave no ETag';
    throw new ProviderError({ kind: 'unexpected-response', operation: part.operation, words });
  } catch (error) {
    if (isProviderError(error)) wave.refusals.push(error);
    throw error;
  }
}

async function sendChunks(wave: Wave, media: MediaSource, indexes: number[], timeScale: number): Promise<void> {
  const { input, connection, attempt } = wave;
  const { signal } = attempt;
  const { uploadId, chunkSizeBytes } = input.upload;
  const givenUp = givenUpSignal();
  const { failed } = await uploadChunks({
    source: media,
    chunkSizeBytes,
    totalBytes: input.source.sizeBytes,
    indexes,
    concurrency: input.concurrency,
    reportBatchSize,
    signal,
    freshUrl: createPartUrls({ connection, uploadId, indexes, timeScale, signal }),
    putChunk: (index, url, body, sizeBytes, ended) =>
      putPart(wave, { operation: `upload chunk ${String(index)}`, url, body, sizeBytes, signal: ended }),
    report: async (chunks) => {
      // Not cut short by a worker that stops: these bytes have arrived, and the next one need not send them.
      const report = { uploadId, chunks, signal: AbortSignal.any([givenUp, AbortSignal.timeout(45_000)]) };
      const { assetId } = await reportTwelveLabsChunks(connection, report);
      for (const { index } of chunks) wave.reported.add(index);
      attempt.progressed();
      remember(wave, { assetId: assetId ?? wave.progress.assetId });
    },
  });
  wave.failed = failed;
}

/** Sends the chunks, then those that failed, for as long as each pass gets some of them through. */
async function sendInPasses(wave: Wave, media: MediaSource, indexes: number[], pace: Pace): Promise<void> {
  const { signal } = wave.attempt;
  let left = indexes;
  for (let pass = 1; left.length > 0; pass += 1) {
    wave.refusals = [];
    await sendChunks(wave, media, left, pace.timeScale);
    const failed = wave.failed.map(({ index }) => index).sort((one, other) => one - other);
    const askedMs = Math.max(0, ...wave.refusals.map(({ retryAfterMs }) => retryAfterMs ?? 0));
    if (failed.length === left.length || pass === mostPasses || askedMs > longestPauseMs) return;
    left = failed;
    const backOffMs = backOffDelayMs(pass, pace.random, { capMs: longestPauseMs }) / pace.timeScale;
    // An aborted pause is told by the signal, whose reason is the cancellation itself.
    await delay(Math.max(backOffMs, askedMs), undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

/** Sends what is missing; a session that ended meanwhile refuses everything, which is no failure of a chunk. */
export async function sendMissing(wave: Wave, media: MediaSource, pace: Pace): Promise<void> {
  const session = await listChunks(wave);
  if (isTerminal(session.phase)) return;
  const indexes = pickIndexes(wave, session);
  try {
    await sendInPasses(wave, media, indexes, pace);
  } catch (error) {
    if (!isProviderError(error, 'rejected', 'conflict')) throw error;
    const { snapshot } = await observeSession(wave);
    if (!isTerminal(snapshot.phase)) throw error;
  }
}
