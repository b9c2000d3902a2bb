import { z } from 'zod';
import type { ProviderConnection } from '../connection/provider-connection.ts';
import { ProviderError } from '../connection/provider-error.ts';
import { fieldOf, id, isJson, text } from '../lenient.ts';

const jobs = '/v1/external/voice-file/jobs';

/** What the create call takes besides the file; the vendor's names. */
export interface CreateTiroJobOptions {
  transcriptLocaleHints?: string[] | undefined;
  translationLocales?: string[] | undefined;
  workspaceGuid?: string | undefined;
}

// The tutorial and the reference disagree about the status field: only these two are read.
const createdSchema = z.object({ id, uploadUri: z.url({ protocol: /^https?$/ }) });

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
    isJson,
  );
}

// Kept as they come: their fields are read where they are used.
const transcriptSchema = z
  .looseObject({})
  .refine((body) => 'text' in body || 'segments' in body, { error: 'neither text nor segments' });
const withField = (name: string) =>
  z.unknown().refine((body) => body === null || fieldOf(body, name) !== undefined, { error: `no ${name}` });

interface ResultRequest {
  jobId: string;
  /** In words, for messages: `transcript`. */
  what: string;
  /** Of a translation: which one. */
  locale?: string | null;
  path: string;
  signal: AbortSignal;
}

const countedAs = ({ what }: ResultRequest) => `read the Tiro ${what}`;
const operationOf = (request: ResultRequest) => [countedAs(request), request.locale].filter(Boolean).join(' ');

async function readResult<T>(connection: ProviderConnection, request: ResultRequest, schema: z.ZodType<T>): Promise<T> {
  const path = `${jobs}/${encodeURIComponent(request.jobId)}/${request.path}`;
  const { signal } = request;
  const words = { operation: operationOf(request), countedAs: countedAs(request) };
  const call = { ...words, method: 'GET', path, isResult: true, signal } as const;
  return (await connection.call(call, schema)).data;
}

// Where there was no speech to go by, Tiro's answer is an empty one, or the content in it is: an answer, and no odd one.
function hasNone(request: ResultRequest): ProviderError {
  return new ProviderError({ kind: 'not-found', operation: operationOf(request), status: 200, words: 'Tiro has none' });
}

/** The transcript with its segments, as Tiro gives it. */
export function readTiroTranscript(connection: ProviderConnection, jobId: string, signal: AbortSignal) {
  return readResult(connection, { jobId, what: 'transcript', path: 'transcript', signal }, transcriptSchema);
}

/**
 * One translation; the envelope of the list of all is not published, so each is read by its locale.
 * @throws ProviderError; `not-found` also where it has no text.
 */
export async function readTiroTranslation(
  connection: ProviderConnection,
  jobId: string,
  locale: string,
  signal: AbortSignal,
) {
  const path = `translations/${encodeURIComponent(locale)}`;
  const request = { jobId, what: 'translation', locale, path, signal };
  const translation = await readResult(connection, request, withField('text'));
  if ((fieldOf(translation, 'text') ?? null) === null) throw hasNone(request);
  return translation;
}

/**
 * The summary, in Markdown, of the transcript or (with a locale) of a translation.
 * @throws ProviderError; `not-found` also where it has no content.
 */
export async function readTiroSummary(
  connection: ProviderConnection,
  jobId: string,
  locale: string | null,
  signal: AbortSignal,
): Promise<string> {
  const of = locale === null ? 'transcript' : `translations/${encodeURIComponent(locale)}`;
  const what = locale === null ? 'summary' : 'summary of the translation';
  const request = { jobId, what, locale, path: `${of}/paragraph-summary`, signal };
  const summary = fieldOf(await readResult(connection, request, withField('summary')), 'summary');
  const { data: content } = text.safeParse(fieldOf(summary, 'content') ?? summary);
  if (content === undefined || content.trim() === '') throw hasNone(request);
  return content;
}
