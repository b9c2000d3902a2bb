import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { chunkRange } from './chunk-range.ts';
import type { FailedChunk, UploadChunksInput, UploadChunksResult, UploadedChunk, UploadState } from './chunk-upload.ts';
import { ReportQueue } from './report-queue.ts';
import { SourceError } from './source-error.ts';
import { redactUri } from './source-uri.ts';

interface Run {
  input: UploadChunksInput;
  /** Aborted by the caller's signal, or with the error that stops the run. */
  stop: AbortController;
  reports: ReportQueue;
  state: UploadState;
  failed: FailedChunk[];
}

/**
 * Uploads chunks straight from the source, a bounded number at once, and reports them in batches. Storage's refusal
 * of one chunk is that chunk's failure; a `SourceError`, a failure of `freshUrl` or `report`, or an abort stops
 * everything and is thrown once the chunks that made it have been reported, as far as that is possible.
 */
export async function uploadChunks(input: UploadChunksInput): Promise<UploadChunksResult> {
  assertSize(input);
  const run = createRun(input);
  const { stop, reports, failed } = run;
  const abort = (): void => {
    stop.abort(input.signal.reason);
  };
  if (input.signal.aborted) abort();
  input.signal.addEventListener('abort', abort);
  try {
    await pLimit(input.concurrency).map(input.indexes, (index) =>
      uploadChunk(run, index).catch((error: unknown) => {
        stop.abort(error);
      }),
    );
    const flushed = reports.flush();
    await (stop.signal.aborted ? flushed.catch(() => undefined) : flushed);
    input.onProgress?.(run.state);
    stop.signal.throwIfAborted();
    return { reported: [...reports.reported], failed };
  } finally {
    input.signal.removeEventListener('abort', abort);
  }
}

function createRun(input: UploadChunksInput): Run {
  const reports = new ReportQueue(input.reportBatchSize, (chunks) => input.report(chunks));
  const state = { inFlightChunks: 0, uploadedChunks: 0, uploadedBytes: 0, failedChunks: 0, reported: reports.reported };
  const stop = new AbortController();
  // Every chunk in flight listens to it.
  setMaxListeners(0, stop.signal);
  return { input, stop, reports, state, failed: [] };
}

function assertSize({ source, totalBytes }: UploadChunksInput): void {
  if (source.sizeBytes === totalBytes) return;
  const sizes = `${String(source.sizeBytes)} bytes and not the ${String(totalBytes)} that the upload was created for`;
  throw new SourceError('changed', `${redactUri(source.uri)} has ${sizes}; start a new job for the new content`);
}

async function uploadChunk(run: Run, index: number): Promise<void> {
  const { input, stop, state } = run;
  if (stop.signal.aborted) return;
  state.inFlightChunks += 1;
  input.onProgress?.(state);
  try {
    await tryChunk(run, index);
  } finally {
    state.inFlightChunks -= 1;
    input.onProgress?.(state);
  }
}

async function tryChunk(run: Run, index: number): Promise<void> {
  const { input, stop, reports, state, failed } = run;
  const isStopped = (): boolean => stop.signal.aborted;
  for (let attempt = 1; ; attempt += 1) {
    const url = await input.freshUrl(index);
    if (isStopped()) return;
    const put = await putOnce(run, index, url);
    if ('etag' in put) {
      state.uploadedChunks += 1;
      state.uploadedBytes += put.sizeBytes;
      return reports.add(put);
    }
    if (isStopped()) return;
    if (attempt < (input.maxAttempts ?? 1)) continue;
    state.failedChunks += 1;
    failed.push(put);
    return;
  }
}

async function putOnce({ input, stop }: Run, index: number, url: string): Promise<UploadedChunk | FailedChunk> {
  const range = chunkRange(index, input.chunkSizeBytes, input.totalBytes);
  const sizeBytes = range.end - range.start;
  const attempt = new AbortController();
  const abort = (): void => {
    attempt.abort(stop.signal.reason);
  };
  stop.signal.addEventListener('abort', abort);
  const body = input.source.read(range, attempt.signal);
  let sourceError: SourceError | undefined;
  body.on('error', (error) => {
    if (error instanceof SourceError) sourceError = error;
  });
  try {
    const { etag } = await input.putChunk(index, url, body, sizeBytes, attempt.signal);
    return { index, etag, sizeBytes };
  } catch (error) {
    // What the client makes of a body that breaks off says less than why it did.
    if (sourceError !== undefined || error instanceof SourceError) throw sourceError ?? error;
    return { index, reason: describe(error) };
  } finally {
    stop.signal.removeEventListener('abort', abort);
    attempt.abort();
    body.destroy();
  }
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/(https?:\/\/[^\s?#]*)[?#]\S*/gi, '$1').slice(0, 300);
}
