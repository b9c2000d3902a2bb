import { z } from 'zod';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { isProviderError } from '../connection/provider-error.ts';
import { id, optional, text } from '../lenient.ts';

const jobs = '/v1/external/voice-file/jobs';

/** What the create call takes besides the file; the vendor's names. */
export interface CreateTiroJobOptions {
  transcriptLocaleHints?: string[] | undefined;
  translationLocales?: string[] | undefined;
  workspaceGuid?: string | undefined;
}

// The tutorial and the reference disagree about the status field: only these two are read.
const createdSchema = z.object({ id, uploadUri: z.url() });

/** Creates a job; nothing starts before the file is uploaded and `completeTiroUpload` is called. Not idempotent. */
export async function createTiroJob(
  connection: ProviderConnection,
  options: CreateTiroJobOptions,
  signal: AbortSignal,
) {
  const call = { operation: 'create a Tiro job', method: 'POST', path: jobs, json: options, signal } as const;
  const { data } = await connection.call(call, createdSchema);
  return data;
}

/** Tells Tiro that the file is there. What a second call answers is not published: read the job to settle it. */
export async function completeTiroUpload(connection: ProviderConnection, jobId: string, signal: AbortSignal) {
  await connection.call(
    {
      operation: 'complete the Tiro upload',
      method: 'PUT',
      path: `${jobs}/${encodeURIComponent(jobId)}/upload-complete`,
      signal,
    },
    z.unknown(),
  );
}

// Kept as they come: their fields are read where they are used.
const documentSchema = z.looseObject({});
const transcriptSchema = documentSchema.refine((body) => 'text' in body || 'segments' in body, {
  error: 'neither text nor segments',
});
const summarySchema = z.object({ summary: optional(z.union([text, z.object({ content: optional(text) })])) });

async function readResult<T>(
  connection: ProviderConnection,
  input: { jobId: string; what: string; path: string; signal: AbortSignal },
  schema: z.ZodType<T>,
): Promise<T> {
  const path = `${jobs}/${encodeURIComponent(input.jobId)}/${input.path}`;
  const { signal } = input;
  const call = { operation: `read the Tiro ${input.what}`, method: 'GET', path, isResult: true, signal } as const;
  return (await connection.call(call, schema)).data;
}

// A 404 without a code is not in Tiro's form: something in front of it says so, and knows nothing of the job.
function toMissing(error: unknown): null {
  if (isProviderError(error, 'not-found') && error.code !== undefined) return null;
  throw error;
}

/** The transcript with its segments, as Tiro gives it. */
export function readTiroTranscript(connection: ProviderConnection, jobId: string, signal: AbortSignal) {
  return readResult(connection, { jobId, what: 'transcript', path: 'transcript', signal }, transcriptSchema);
}

/** One translation, `null` where Tiro has none; the list of all has no published form, so each is read by its locale. */
export function readTiroTranslation(
  connection: ProviderConnection,
  jobId: string,
  locale: string,
  signal: AbortSignal,
) {
  const path = `translations/${encodeURIComponent(locale)}`;
  const input = { jobId, what: `translation ${locale}`, path, signal };
  return readResult(connection, input, documentSchema.nullable()).catch(toMissing);
}

/** The summary, in Markdown, of the transcript or (with a locale) of a translation; `null` where there is none. */
export async function readTiroSummary(
  connection: ProviderConnection,
  jobId: string,
  locale: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  const of = locale === null ? 'transcript' : `translations/${encodeURIComponent(locale)}`;
  const what = `summary of the ${locale ?? 'transcript'}`;
  const input = { jobId, what, path: `${of}/paragraph-summary`, signal };
  const read = await readResult(connection, input, summarySchema.nullable()).catch(toMissing);
  const content = typeof read?.summary === 'object' ? read.summary.content : read?.summary;
  return content?.trim() ? content : null;
}
