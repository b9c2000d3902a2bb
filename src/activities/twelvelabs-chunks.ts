import { activityInfo } from '@temporalio/activity';
import type { ProviderConnection } from '../http/provider-connection.ts';
import { isProviderError, ProviderError } from '../http/provider-error.ts';
import { putToStorage } from '../http/storage.ts';
import { isTerminal, type JobSnapshot } from '../job.ts';
import { backOffDelayMs } from '../polling/back-off.ts';
import { multipartUpload } from '../providers/twelvelabs/multipart-upload.ts';
import { reportTwelveLabsChunks } from '../providers/twelvelabs/twelvelabs-session-calls.ts';
import { ChunkBitmap } from '../upload/chunk-bitmap.ts';
import { countChunks } from '../upload/chunk-range.ts';
import type { FailedChunk } from '../upload/chunk-upload.ts';
import type { MediaSource, SourceDescription } from '../upload/media-source.ts';
import { uploadChunks } from '../upload/upload-chunks.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { heartbeating, type Pulse } from './heartbeating.ts';
import { observeResource } from './observe-resource.ts';
import { readSessionChunks } from './twelvelabs-session-chunks.ts';
import type { TwelveLabsUpload } from './twelvelabs-create.ts';
import { createPartUrls } from './twelvelabs-part-urls.ts';

/** One wave of an upload: every chunk that is missing, or those that earlier waves could not get through. */
export interface UploadTwelveLabsChunksInput {
  source: SourceDescription;
  upload: TwelveLabsUpload;
  /** Counts from 1; sets the back-off before the next one. */
  wave: number;
  /** The `chunks` that failed in the wave before; `null` sends all that TwelveLabs does not have. */
  again: string | null;
  /** How many chunks are in flight at once. */
  concurrency: number;
  credential?: string | undefined;
}

/** Chunks that must be sent again. */
export interface FailedChunks {
  count: number;
  /** Which, as an encoded `ChunkBitmap`. */
  chunks: string;
  /** The lowest of them, and why. */
  first: FailedChunk;
}

/** What one wave came to. */
export interface UploadTwelveLabsChunksResult {
  /** The session as it was seen after the last report. */
  snapshot: JobSnapshot;
  failed: FailedChunks | null;
  assetId: string | null;
  /** Status requests that this wave made, over all attempts. */
  statusCalls: number;
  /** How long to wait before the next wave, by our scaled clock. */
  retryInMs: number;
}

/** What attempts leave to each other; the bitmap is a hint, TwelveLabs' own list is the truth. */
interface Progress {
  reported: string;
  assetId: string | null;
  statusCalls: number;
}

interface Wave {
  input: UploadTwelveLabsChunksInput;
  connection: ProviderConnection;
  reported: ChunkBitmap;
  progress: Progress;
  pulse: Pulse<Progress>;
  failed: FailedChunk[];
  /** The longest wait that storage asked for. */
  retryAfterMs: number;
  signal: AbortSignal;
}

// The vendor's own client reports by the ten.
const reportBatchSize = 10;

function remember(wave: Wave, change: Partial<Progress>): void {
  wave.progress = { ...wave.progress, reported: wave.reported.encode(), ...change };
  wave.pulse.remember(wave.progress);
}

async function listChunks(wave: Wave) {
  const { connection, input, progress, signal } = wave;
  const session = await readSessionChunks(connection, input.upload.uploadId, signal);
  remember(wave, { statusCalls: progress.statusCalls + session.statusCalls });
  return session;
}

function pickIndexes({ input, reported }: Wave, session: Awaited<ReturnType<typeof readSessionChunks>>): number[] {
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

async function observeSession(wave: Wave) {
  const { connection, input, progress, signal } = wave;
  const target = { provider: 'twelvelabs', name: 'multipart-upload', resource: multipartUpload };
  const seen = await observeResource(connection, { ...target, id: input.upload.uploadId }, signal);
  remember(wave, { statusCalls: progress.statusCalls + 1 });
  return seen;
}

/** Sends what is missing; a session that ended meanwhile refuses everything, which is no failure of a chunk. */
async function sendMissing(wave: Wave, media: MediaSource, timeScale: number): Promise<void> {
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

function gather(failed: FailedChunk[]): FailedChunks | null {
  const [first] = failed.sort((one, other) => one.index - other.index);
  if (first === undefined) return null;
  const bitmap = new ChunkBitmap();
  for (const { index } of failed) bitmap.add(index);
  return { count: bitmap.count, chunks: bitmap.encode(), first };
}

/** Makes the step that sends one wave of chunks. */
export function createUploadTwelveLabsChunks(dependencies: ActivityDependencies) {
  const { connect, openSource, timeScale, random } = dependencies;

  async function runWave(wave: Wave): Promise<UploadTwelveLabsChunksResult> {
    const { source } = wave.input;
    const media = await openSource(source.uri, source.fingerprint);
    try {
      await sendMissing(wave, media, timeScale);
    } finally {
      await media.close();
    }
    const { snapshot, reading } = await observeSession(wave);
    if (reading.needsAttention === true) wave.failed.push(...(await listChunks(wave)).failed);
    const backOffMs = backOffDelayMs(wave.input.wave, random, { firstMs: 5000, capMs: 600_000, floorMs: 1000 });
    const retryInMs = Math.ceil(Math.max(wave.retryAfterMs, backOffMs / timeScale));
    const { assetId, statusCalls } = wave.progress;
    return { snapshot, failed: isTerminal(snapshot.phase) ? null : gather(wave.failed), assetId, statusCalls, retryInMs };
  }

  /** Uploads and reports chunks straight from the source; an attempt after a crash sends only what is not there. */
  return async function uploadTwelveLabsChunks(
    input: UploadTwelveLabsChunksInput,
  ): Promise<UploadTwelveLabsChunksResult> {
    const before = activityInfo().heartbeatDetails as Progress | undefined;
    const progress = before ?? { reported: '', assetId: input.upload.assetId, statusCalls: 0 };
    return heartbeating(progress, async (pulse, signal) => {
      const connection = await connect('twelvelabs', input.credential);
      const reported = ChunkBitmap.decode(progress.reported);
      return runWave({ input, connection, reported, progress, pulse, failed: [], retryAfterMs: 0, signal });
    });
  };
}
