import { z } from 'zod';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { originFields } from '../origin.ts';
import { transcriptSegments, transcriptText } from '../transcript.ts';
import type { SoketBatch, SoketBatches, SoketJob } from './batches.ts';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');
const flags = { raw: flag, chunks: flag, speech_information: flag };
const pageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  status: z.enum(['completed', 'failed', 'retrying', 'processing']).optional(),
  ...flags,
});
/** The download takes no `retrying`, unlike the results. */
const downloadQuery = z.object({
  status: z.enum(['completed', 'failed', 'processing']).optional(),
  format: z.enum(['ndjson', 'json']).default('ndjson'),
  ...flags,
});

type Detail = { chunks: boolean; speech_information: boolean };

/** One file's result document. */
function resultDocument(batches: SoketBatches, job: SoketJob, detail: Detail): Record<string, unknown> {
  const status = batches.jobStatus(job);
  const { fileId: file_id, filename, batchId, uploadId } = job;
  const ids = { file_id, batch_id: batchId, ...(uploadId === undefined ? {} : { batch_upload_id: uploadId }) };
  const recording = { ...job, ids };
  const segments = transcriptSegments(recording);
  if (status === 'failed') return { file_id, filename, status, errors: [{ message: batches.failureMessage(batchId) }] };
  if (status !== 'completed') return { file_id, filename, status: 'processing' };
  const speech = segments.map(({ startMs, endMs, speaker }) => ({ start: startMs / 1000, end: endMs / 1000, speaker }));
  return {
    file_id,
    filename,
    status,
    result: {
      text: transcriptText(recording),
      ...(detail.speech_information ? { speech_information: speech } : {}),
    },
    ...originFields(recording),
    ...(detail.chunks ? { chunk_results: segments.map(({ text }, index) => ({ chunk_index: index, text })) } : {}),
  };
}

/** Paged results of a batch; an unknown batch is told with status 200. */
export function batchResults(batches: SoketBatches, call: Call): Answer {
  const query = call.query(pageQuery);
  const batch = batches.batch(call.parameter('batchId'));
  if (!batch) return { status: 200, body: { error: 'batch not found' } };
  const found = matching(batches, batch, query.status, query);
  const { page, limit } = query;
  const items = found.slice((page - 1) * limit, page * limit);
  const total_pages = Math.ceil(found.length / limit);
  const paging = { batch_id: batch.id, page, limit, total_pages };
  if (query.raw)
    return { status: 200, body: { ...paging, total_jobs: found.length, count: items.length, jobs: items } };
  return { status: 200, body: { ...paging, total_files: found.length, count: items.length, files: items } };
}

/** The latest result of a file; an unknown file is told with status 200. */
export function fileResult(batches: SoketBatches, call: Call): Answer {
  const job = batches.jobOf(call.parameter('fileId'));
  if (!job) return { status: 200, body: { error: 'file not found' } };
  return { status: 200, body: resultDocument(batches, job, { chunks: true, speech_information: true }) };
}

/** All results of a batch as one export, a line each or an array. */
export function download(batches: SoketBatches, call: Call): Answer {
  const query = call.query(downloadQuery);
  const batch = batches.batch(call.parameter('batchId'));
  if (!batch) return { status: 200, body: { error: 'batch not found' } };
  const found = matching(batches, batch, query.status, query);
  if (query.format === 'json') return { status: 200, body: found };
  const body = found.map((item) => `${JSON.stringify(item)}\n`).join('');
  return { status: 200, body, headers: { 'content-type': 'application/x-ndjson' } };
}

function matching(batches: SoketBatches, batch: SoketBatch, status: string | undefined, detail: Detail) {
  return batch.jobs
    .filter(({ removed }) => removed !== true)
    .map((job) => resultDocument(batches, job, detail))
    .filter((item) => status === undefined || item['status'] === status);
}
