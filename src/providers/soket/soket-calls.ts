import { z } from 'zod';
import type { FormData } from 'undici';
import type { ProviderConnection } from '../connection/provider-connection.ts';

const fileSchema = z.object({
  file_id: z.string().min(1),
  filename: z.string().nullish(),
  size_bytes: z.number().nullish(),
  upload_status: z.string().nullish(),
  batch_upload_id: z.string().nullish(),
});

/** A file as Soket's upload, upload status and list show it. */
export type SoketFileEntry = z.infer<typeof fileSchema>;

const uploadSchema = z.object({
  batch_upload_id: z.string().min(1),
  total_files: z.number().nullish(),
  files: z.array(fileSchema).nullish(),
});

/** Uploads one or more files in one form. Not idempotent: settle a lost answer by `listSoketFiles`. */
export async function uploadSoketForm(connection: ProviderConnection, form: FormData, signal: AbortSignal) {
  const call = {
    operation: 'upload files to Soket',
    method: 'POST',
    path: '/files/upload',
    body: form,
    signal,
  } as const;
  return (await connection.call(call, uploadSchema)).data;
}

/** Reads one upload's files; the list may be shorter than its `total_files`. */
export async function readSoketUpload(connection: ProviderConnection, batchUploadId: string, signal: AbortSignal) {
  const path = `/files/upload/${encodeURIComponent(batchUploadId)}`;
  const call = { operation: 'read the Soket upload', method: 'GET', path, signal } as const;
  return (await connection.call(call, uploadSchema)).data;
}

const listSchema = z.object({ total_pages: z.number().nullish(), files: z.array(fileSchema) });

/** Reads one page of the account's files, the newest first, 200 a page, whichever upload they came with. */
export async function listSoketFiles(connection: ProviderConnection, page: number, signal: AbortSignal) {
  const query = { page, limit: 200 };
  const call = { operation: 'list the Soket files', method: 'GET', path: '/files', query, signal } as const;
  return (await connection.call(call, listSchema)).data;
}

/** Deletes files, their records and their transcriptions; 404 where any one of the ids is unknown. */
export async function deleteSoketFiles(
  connection: ProviderConnection,
  fileIds: readonly string[],
  signal: AbortSignal,
) {
  const json = { file_ids: fileIds };
  await connection.call(
    { operation: 'delete the Soket files', method: 'DELETE', path: '/files', json, signal },
    z.unknown(),
  );
}

const submittedSchema = z.object({
  batch_id: z.string().min(1),
  estimated_completion_seconds: z.number().nullish(),
});

/**
 * Submits uploaded files for transcription; 409 while uploads are unfinished. Not idempotent, and batches cannot be
 * listed: never call it again after an answer that may have been lost.
 */
export async function submitSoketBatch(
  connection: ProviderConnection,
  json: { batch_upload_id: string } | { file_ids: string[] },
  signal: AbortSignal,
) {
  const call = { operation: 'submit the Soket batch', method: 'POST', path: '/batch', json, signal } as const;
  return (await connection.call(call, submittedSchema)).data;
}

const resultSchema = z.looseObject({
  file_id: z.string().min(1),
  filename: z.string().nullish(),
  status: z.string(),
  result: z.unknown().optional(),
  errors: z.array(z.unknown()).nullish(),
});

/** One file's transcription; the shape of `result` is not published. */
export type SoketFileResult = z.infer<typeof resultSchema>;

/** What the results are to hold besides the text; the vendor's names. */
export interface SoketResultOptions {
  speech_information?: boolean | undefined;
  chunks?: boolean | undefined;
}

const pageSchema = z.object({ total_pages: z.number().nullish(), files: z.array(resultSchema) });

// The vendor allows 200, but results of long files are large and an answer is bounded.
const resultsPerPage = 10;

/** Reads one page of a batch's results. */
export async function readSoketResults(
  connection: ProviderConnection,
  input: { batchId: string; page: number; options: SoketResultOptions; signal: AbortSignal },
) {
  const { batchId, page, options, signal } = input;
  const chosen = Object.entries(options).filter((entry): entry is [string, boolean] => entry[1] !== undefined);
  const query = { page, limit: resultsPerPage, ...Object.fromEntries(chosen) };
  const path = `/results/batch/${encodeURIComponent(batchId)}`;
  const call = { operation: 'read the Soket results', method: 'GET', path, query, signal } as const;
  return (await connection.call(call, pageSchema)).data;
}

/** Reads one file's result, whichever batch it belongs to. */
export async function readSoketFileResult(connection: ProviderConnection, fileId: string, signal: AbortSignal) {
  const path = `/results/file/${encodeURIComponent(fileId)}`;
  const call = { operation: 'read the Soket file result', method: 'GET', path, signal } as const;
  return (await connection.call(call, resultSchema)).data;
}
