import { z } from 'zod';
import type { ProviderConnection } from '../connection/provider-connection.ts';

const jobs = '/v1/external/voice-file/jobs';

/** What the create call takes besides the file; the vendor's names. */
export interface CreateTiroJobOptions {
  transcriptLocaleHints?: string[] | undefined;
  translationLocales?: string[] | undefined;
  workspaceGuid?: string | undefined;
}

// The tutorial and the reference disagree about the status field: only these two are read.
const createdSchema = z.object({ id: z.string().min(1), uploadUri: z.url() });

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

const transcriptSchema = z
  .looseObject({ text: z.string().nullish() })
  .refine((body) => 'text' in body || 'segments' in body, { error: 'neither text nor segments' });
const translationSchema = z.looseObject({ locale: z.string(), text: z.string().nullish() });
const summarySchema = z.looseObject({ summary: z.looseObject({ type: z.string().nullish(), content: z.string() }) });

async function readResult<T>(
  connection: ProviderConnection,
  input: { jobId: string; what: string; path: string; signal: AbortSignal },
  schema: z.ZodType<T>,
): Promise<T> {
  const path = `${jobs}/${encodeURIComponent(input.jobId)}/${input.path}`;
  const call = { operation: `read the Tiro ${input.what}`, method: 'GET', path, signal: input.signal } as const;
  return (await connection.call(call, schema)).data;
}

/** The transcript with its segments, as Tiro gives it. */
export function readTiroTranscript(connection: ProviderConnection, jobId: string, signal: AbortSignal) {
  return readResult(connection, { jobId, what: 'transcript', path: 'transcript', signal }, transcriptSchema);
}

/** One translation; the envelope of the list of all is not published, so each is read by its locale. */
export function readTiroTranslation(
  connection: ProviderConnection,
  jobId: string,
  locale: string,
  signal: AbortSignal,
) {
  const path = `translations/${encodeURIComponent(locale)}`;
  return readResult(connection, { jobId, what: `translation ${locale}`, path, signal }, translationSchema);
}

/** The summary, in Markdown, of the transcript or (with a locale) of a translation. */
export function readTiroSummary(
  connection: ProviderConnection,
  jobId: string,
  locale: string | null,
  signal: AbortSignal,
) {
  const of = locale === null ? 'transcript' : `translations/${encodeURIComponent(locale)}`;
  const what = `summary of the ${locale ?? 'transcript'}`;
  return readResult(connection, { jobId, what, path: `${of}/paragraph-summary`, signal }, summarySchema);
}
