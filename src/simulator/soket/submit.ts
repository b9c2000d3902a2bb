import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RefusalError } from '../answer.ts';
import type { Answer } from '../answer.ts';
import { InvalidRequestError } from '../call.ts';
import type { Call } from '../call.ts';
import type { SoketBatches, SoketSource } from './batches.ts';
import { soketDialect } from './dialect.ts';
import type { SoketFile } from './file.ts';
import type { SoketFiles } from './files.ts';

const source = z
  .object({ gcs_key: z.string().optional(), url: z.url().optional(), filename: z.string().optional() })
  .refine(({ gcs_key, url }) => gcs_key !== undefined || url !== undefined, 'gcs_key or url is required');
const submitBody = z.object({
  batch_upload_id: z.string().optional(),
  file_ids: z.array(z.string()).optional(),
  sources: z.array(source).optional(),
});
/** What a source by URL is taken to last: it is not read. */
const assumedSeconds = 60;

/** Submits uploaded files and other sources; 409 while an upload is unfinished. */
export async function submit(files: SoketFiles, batches: SoketBatches, call: Call): Promise<Answer> {
  const body = await call.body(submitBody);
  const uploaded = uploadedFiles(files, body);
  if (uploaded.some((file) => ['pending', 'uploading'].includes(files.uploadStatus(file)))) {
    throw new RefusalError({ status: 409, body: soketDialect.errorBody(409, 'uploads are not complete') });
  }
  const usable = uploaded.filter((file) => files.uploadStatus(file) === 'completed');
  const sources = [...usable.map(sourceOf), ...(body.sources ?? []).map((given) => otherSource(files, given))];
  if (sources.length === 0) throw new InvalidRequestError('no files to transcribe');
  const batch = batches.create(sources, body.batch_upload_id ?? uploaded[0]?.uploadId);
  call.record.jobId = batch.id;
  return {
    status: 202,
    body: {
      batch_id: batch.id,
      total_jobs: batch.jobs.length,
      estimated_audio_seconds: batch.audioSeconds,
      estimated_completion_seconds: batch.estimateSeconds,
      jobs: batch.jobs.map(({ fileId, filename }) => ({
        file_id: fileId,
        filename,
        batch_id: batch.id,
        status: 'queued',
      })),
    },
  };
}

function uploadedFiles(files: SoketFiles, body: z.infer<typeof submitBody>): SoketFile[] {
  const found = new Set(body.batch_upload_id === undefined ? [] : files.upload(body.batch_upload_id).files);
  for (const id of body.file_ids ?? []) {
    const file = files.file(id);
    if (!file) throw new RefusalError({ status: 404, body: soketDialect.errorBody(404, 'file not found') });
    found.add(file);
  }
  return [...found];
}

function sourceOf({ id, filename, durationSeconds, media, uploadId }: SoketFile): SoketSource {
  return { fileId: id, filename, durationSeconds, media, uploadId };
}

function otherSource(files: SoketFiles, given: z.infer<typeof source>): SoketSource {
  const known = given.gcs_key === undefined ? undefined : files.fileByKey(given.gcs_key);
  if (known) return sourceOf(known);
  if (given.gcs_key !== undefined) throw new InvalidRequestError('gcs_key is unknown');
  const { url = '' } = given;
  const filename = given.filename ?? new URL(url).pathname.split('/').at(-1) ?? 'audio';
  return { fileId: randomUUID(), filename, durationSeconds: assumedSeconds, media: { url } };
}
