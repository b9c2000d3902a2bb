import { z } from 'zod';
import { RefusalError } from '../answer.ts';
import type { Answer } from '../answer.ts';
import { InvalidRequestError } from '../call.ts';
import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { mediaDurationSeconds } from '../media-duration.ts';
import { providerPrefixes } from '../operations.ts';
import type { SoketBatches } from './batches.ts';
import { soketDialect } from './dialect.ts';
import type { ArrivedFile } from './file.ts';
import type { SoketFiles } from './files.ts';
import { batchResults, download, fileResult } from './results.ts';
import { submit } from './submit.ts';

const listQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  upload_status: z.enum(['pending', 'uploading', 'completed', 'failed']).optional(),
});
const deleteBody = z.object({ file_ids: z.array(z.string()).min(1) });

/** Soket's nine endpoints. */
export function soketEndpoints(files: SoketFiles, batches: SoketBatches): Endpoint[] {
  const root = providerPrefixes.soket;
  const ofBatch = { method: 'GET', jobParameter: 'batchId' } as const;
  return [
    { method: 'POST', path: `${root}/files/upload`, operation: 'soket.upload', handle: (call) => upload(files, call) },
    {
      method: 'GET',
      path: `${root}/files/upload/:uploadId`,
      operation: 'soket.upload-status',
      jobParameter: 'uploadId',
      handle: (call) => ({ status: 200, body: files.uploadDocument(files.upload(call.parameter('uploadId')), true) }),
    },
    { method: 'GET', path: `${root}/files`, operation: 'soket.list-files', handle: (call) => listFiles(files, call) },
    {
      method: 'DELETE',
      path: `${root}/files`,
      operation: 'soket.delete-files',
      handle: (call) => deleteFiles(files, batches, call),
    },
    {
      method: 'POST',
      path: `${root}/batch`,
      operation: 'soket.submit',
      handle: (call) => submit(files, batches, call),
    },
    {
      ...ofBatch,
      path: `${root}/status/batch/:batchId`,
      operation: 'soket.batch-status',
      handle: (call) => batchStatus(batches, call),
    },
    {
      ...ofBatch,
      path: `${root}/results/batch/:batchId`,
      operation: 'soket.batch-results',
      handle: (call) => batchResults(batches, call),
    },
    {
      method: 'GET',
      path: `${root}/results/file/:fileId`,
      operation: 'soket.file-result',
      handle: (call) => fileResult(batches, call),
    },
    {
      ...ofBatch,
      path: `${root}/download/batch/:batchId`,
      operation: 'soket.download',
      handle: (call) => download(batches, call),
    },
  ];
}

async function upload(files: SoketFiles, call: Call): Promise<Answer> {
  if (!call.request.isMultipart()) throw new InvalidRequestError('multipart/form-data is required');
  const startedAt = Date.now();
  const arrived: ArrivedFile[] = [];
  for await (const part of call.request.parts()) {
    if (part.type !== 'file') continue;
    const bytes = await call.receive(part.file);
    if (part.fieldname !== 'files') continue;
    const durationSeconds = await mediaDurationSeconds(bytes, part.mimetype);
    arrived.push({ filename: part.filename, contentType: part.mimetype, bytes, durationSeconds });
  }
  if (arrived.length === 0) throw new InvalidRequestError('files is required');
  const accepted = files.accept(arrived);
  call.record.jobId = accepted.id;
  const body = {
    batch_upload_id: accepted.id,
    status: 'accepted',
    total_files: accepted.files.length,
    spool_seconds: (Date.now() - startedAt) / 1000,
    files: accepted.files.map((file) => {
      const { file_id, filename, size_bytes, estimated_duration_seconds } = files.fileDocument(file);
      return { file_id, filename, size_bytes, estimated_duration_seconds, upload_status: 'pending' };
    }),
  };
  return { status: 202, body };
}

function listFiles(files: SoketFiles, call: Call): Answer {
  const { page, limit, upload_status } = call.query(listQuery);
  const found = files.all().filter((file) => upload_status === undefined || files.uploadStatus(file) === upload_status);
  const items = found.slice((page - 1) * limit, page * limit).map((file) => ({
    ...files.fileDocument(file),
    batch_upload_id: file.uploadId,
    content_type: file.contentType,
  }));
  const total_pages = Math.ceil(found.length / limit);
  return {
    status: 200,
    body: { page, limit, total_pages, total_files: found.length, count: items.length, files: items },
  };
}

async function deleteFiles(files: SoketFiles, batches: SoketBatches, call: Call): Promise<Answer> {
  const { file_ids } = await call.body(deleteBody);
  const found = file_ids.map((id) => files.file(id)).filter((file) => file !== undefined);
  if (found.length < file_ids.length) {
    throw new RefusalError({ status: 404, body: soketDialect.errorBody(404, 'one or more files not found') });
  }
  const objectsDeleted = found.map((file) => files.delete(file)).filter(Boolean).length;
  const jobsCleaned = file_ids.reduce((sum, id) => sum + batches.removeJobsOf(id), 0);
  return {
    status: 200,
    body: {
      deleted_file_ids: file_ids,
      deleted_count: file_ids.length,
      storage_objects_deleted: objectsDeleted,
      jobs_cleaned: jobsCleaned,
    },
  };
}

function batchStatus(batches: SoketBatches, call: Call): Answer {
  const batch = batches.batch(call.parameter('batchId'));
  if (!batch) throw new RefusalError({ status: 404, body: soketDialect.errorBody(404, 'batch not found') });
  return { status: 200, body: batches.document(batch, true) };
}
