import { isProviderError, ProviderError } from '../http/provider-error.ts';
import { putToStorage } from '../http/storage.ts';
import { isTerminal } from '../job.ts';
import { reportTwelveLabsChunks } from '../providers/twelvelabs/twelvelabs-session-calls.ts';
import { ChunkBitmap } from '../upload/chunk-bitmap.ts';
import { countChunks } from '../upload/chunk-range.ts';
import type { MediaSource } from '../upload/media-source.ts';
import { uploadChunks } from '../upload/upload-chunks.ts';
import { createPartUrls } from './twelvelabs-part-urls.ts';
import type { SessionChunks } from './twelvelabs-session-chunks.ts';
import { listChunks, observeSession, remember, type Wave } from './twelvelabs-wave.ts';

// The vendor's own client reports by the ten.
const reportBatchSize = 10;

function pickIndexes({ input, reported }: Wave, session: SessionChunks): number[] {
  const { source, upload, again } = input;
  const all = Array.from({ length: countChunks(upload.chunkSizeBytes, source.sizeBytes) }, (_, offset) => offset + 1);
  const asked = again === null ? null : ChunkBitmap.decode(again);
  return all.filter((index) => {
    const said = session.chunks.get(index);
    if (said === 'failed') return true;
    if (said === 'completed' || (said === undefined && reported.has(index))) return false;
    return asked?.has(index) ?? true;
  });
}

async function putPart(wave: Wave, part: Omit<Parameters<typeof putToStorage>[1], 'headers'>) {
  const headers = wave.input.upload.partHeaders;
  try {
    const put = await putToStorage(wave.connection.agents, { ...part, headers });
    if (put.etag !== '') return put;
  } catch (error) {
    if (isProviderError(error)) wave.retryAfterMs = Math.max(wave.retryAfterMs, error.retryAfterMs ?? 0);
    throw error;
  }
  throw new ProviderError({ kind: 'unexpected-response', operation: part.operation, words: 'storage gave no ETag' });
}

async function sendChunks(wave: Wave, media: MediaSource, indexes: number[], timeScale: number): Promise<void> {
  const { input, connection, signal } = wave;
  const { uploadId, chunkSizeBytes } = input.upload;
  const { failed } = await uploadChunks({
    source: media,
    chunkSizeBytes,
    totalBytes: input.source.sizeBytes,
    indexes,
    concurrency: input.concurrency,
    reportBatchSize,
    signal,
    freshUrl: createPartUrls({ connection, uploadId, indexes, timeScale, signal }),
    putChunk: (index, url, body, sizeBytes, attempt) =>
      putPart(wave, { operation: `upload chunk ${String(index)}`, url, body, sizeBytes, signal: attempt }),
    report: async (chunks) => {
      // Not cut short by a cancellation: these bytes have arrived.
      const report = { uploadId, chunks, signal: AbortSignal.timeout(45_000) };
      const { asset_id } = await reportTwelveLabsChunks(connection, report);
      for (const { index } of chunks) wave.reported.add(index);
      remember(wave, { assetId: asset_id ?? wave.progress.assetId });
    },
  });
  wave.failed = failed;
}

/** Sends what is missing; a session that ended meanwhile refuses everything, which is no failure of a chunk. */
export async function sendMissing(wave: Wave, media: MediaSource, timeScale: number): Promise<void> {
  const session = await listChunks(wave);
  if (isTerminal(session.phase)) return;
  const indexes = pickIndexes(wave, session);
  try {
    if (indexes.length > 0) await sendChunks(wave, media, indexes, timeScale);
  } catch (error) {
    if (!isProviderError(error, 'rejected', 'conflict')) throw error;
    const { snapshot } = await observeSession(wave);
    if (!isTerminal(snapshot.phase)) throw error;
  }
}
