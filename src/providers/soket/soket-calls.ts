import { z } from 'zod';
import type { FormData } from 'undici';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { isAbsent } from '../connection/provider-error.ts';
import { fieldOf, id, number, optional, readWords, rows, text, wholeNumber } from '../lenient.ts';
import { readPage } from '../pages.ts';

const fileSchema = z.object({
  file_id: id,
  filename: optional(text),
  size_bytes: optional(number),
  upload_status: optional(text),
  batch_upload_id: optional(id),
});

/** A file as Soket's upload, upload status and list show it. */
export type SoketFileEntry = z.infer<typeof fileSchema>;

const uploadSchema = z.object({
  batch_upload_id: id,
  total_files: optional(number),
  files: optional(rows(fileSchema)),
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

const listSchema = z.object({ total_pages: optional(wholeNumber), files: rows(fileSchema) });
const listLimits = [200, 50, 10, 1];

/** Reads one page of the account's files, the newest first, 200 a page, whichever upload they came with. */
export async function listSoketFiles(connection: ProviderConnection, page: number, signal: AbortSignal) {
  const call = { operation: 'list the Soket files', method: 'GET', path: '/files', signal } as const;
  const { rows: files, totalPages } = await readPage(page, listLimits, async (number, limit) => {
    const { data } = await connection.call({ ...call, query: { page: number, limit } }, listSchema);
    return { rows: data.files, totalPages: data.total_pages };
  });
  return { files, total_pages: totalPages };
}

// Of a deletion nothing is told but that it failed.
const deletedSchema = z.unknown().refine((body) => body !== undefined && readWords(fieldOf(body, 'error')) === null);

/** Deletes files, their records and their transcriptions; 404 where any one of the ids is unknown. */
export async function deleteSoketFiles(
  connection: ProviderConnection,
  fileIds: readonly string[],
  signal: AbortSignal,
) {
  const json = { file_ids: fileIds };
  const call = { operation: 'delete the Soket files', method: 'DELETE', path: '/files', json, signal } as const;
  await connection.call(call, deletedSchema);
}

/** Deletes those of the files that are there: one unknown id refuses all, and whether the others are gone then is not published. */
export async function removeSoketFiles(
  connection: ProviderConnection,
  fileIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (fileIds.length === 0) return;
  try {
    await deleteSoketFiles(connection, fileIds, signal);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    if (fileIds.length > 1) for (const fileId of fileIds) await removeSoketFiles(connection, [fileId], signal);
  }
}

const submittedSchema = z.object({
  batch_id: id,
  estimated_completion_seconds: optional(number),
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
  file_id: optional(id),
  filename: optional(text),
  // A result tells without it that there is one.
  status: text.catch(''),
  result: z.unknown().optional(),
  errors: z.unknown().optional(),
});

/** One file's transcription; the shape of `result` is not published. */
export type SoketFileResult = z.infer<typeof resultSchema> & { file_id: string };

const singleResult = resultSchema.refine(({ status, result }) => status !== '' || (result ?? null) !== null, {
  error: 'neither status nor result',
});

const resultRow = resultSchema.transform((file, context): SoketFileResult => {
  const file_id = file.file_id ?? file.filename;
  if (file_id !== undefined) return { ...file, file_id };
  context.addIssue('neither id nor name');
  return z.NEVER;
});

/** What the results are to hold besides the text; the vendor's names. */
export interface SoketResultOptions {
  speech_information?: boolean | undefined;
  chunks?: boolean | undefined;
}

const pageSchema = z.object({ total_pages: optional(wholeNumber), files: rows(resultRow) });

// The vendor allows 200, but results of long files are large and an answer is bounded.
const resultLimits = [10, 5, 1];

/** Reads one page of a batch's results, ten a page. */
export async function readSoketResults(
  connection: ProviderConnection,
  input: { batchId: string; page: number; options: SoketResultOptions; signal: AbortSignal },
) {
  const { batchId, page, options, signal } = input;
  const chosen = Object.entries(options).filter((entry): entry is [string, boolean] => entry[1] !== undefined);
  const path = `/results/batch/${encodeURIComponent(batchId)}`;
  const call = { operation: 'read the Soket results', method: 'GET', path, signal } as const;
  const { rows: files, totalPages } = await readPage(page, resultLimits, async (number, limit) => {
    const query = { page: number, limit, ...Object.fromEntries(chosen) };
    const { data } = await connection.call({ ...call, query, isResult: limit === 1 }, pageSchema);
    return { rows: data.files, totalPages: data.total_pages };
  });
  return { files, total_pages: totalPages };
}

/** Reads one file's result, whichever batch it belongs to. */
export async function readSoketFileResult(
  connection: ProviderConnection,
  fileId: string,
  signal: AbortSignal,
): Promise<SoketFileResult> {
  const path = `/results/file/${encodeURIComponent(fileId)}`;
  const call = { operation: 'read the Soket file result', method: 'GET', path, isResult: true, signal } as const;
  const { data } = await connection.call(call, singleResult);
  return { ...data, file_id: data.file_id ?? fileId };
}
