import { z } from 'zod';
import type { ProviderCall, ProviderConnection } from '../connection/provider-connection.ts';
import { ProviderError } from '../connection/provider-error.ts';
import { batchJob } from './batch-job.ts';
import { headers, id, isJson, optional, rows, text } from '../lenient.ts';
import type { SlngJobOptions } from './slng-transcription-input.ts';

const jobs = '/v1/batch/jobs';

/** Where the media of a new job is: at an address that SLNG reads itself, or uploaded before under a key. */
export type SlngMedia = { input_url: string } | { s3_key: string };

/** One path creates and presigns: which of the two was done, only the code tells. */
async function postJob<T>(
  connection: ProviderConnection,
  call: Pick<ProviderCall, 'operation' | 'json' | 'signal'>,
  expected: { status: number; schema: z.ZodType<T> },
): Promise<T> {
  const { status, data } = await connection.call({ ...call, method: 'POST', path: jobs }, expected.schema);
  if (status === expected.status) return data;
  const words = `expected ${String(expected.status)}, which tells a job from an upload address`;
  throw new ProviderError({ kind: 'unexpected-response', operation: call.operation, status, words });
}

const jobId = id.pipe(batchJob.id);
const echoedConfigSchema = z.record(z.string(), z.unknown());

/** The transcription config as the presign call answered it, to be repeated when the job is created. */
export type SlngEchoedConfig = z.infer<typeof echoedConfigSchema>;

const presignedSchema = z.object({
  job_id: optional(jobId),
  transcription_config: optional(echoedConfigSchema),
  upload: z.object({ url: z.url(), s3_key: text.pipe(z.string().min(1)), headers: optional(headers) }),
});

/** Asks for an address to upload to, valid for 30 minutes and a secret; no job exists after it. */
export async function presignSlngUpload(
  connection: ProviderConnection,
  request: { jobId: string; fileName: string; mediaType: string; options: SlngJobOptions },
  signal: AbortSignal,
) {
  const { transcription_config = {}, tracking, output_config } = request.options;
  // model_code and metadata belong to the create call.
  const json = {
    mode: 'presign',
    job_id: request.jobId,
    filename: request.fileName,
    content_type: request.mediaType,
    ...{ transcription_config, tracking, output_config },
  };
  const call = { operation: 'presign the SLNG upload', json, signal };
  const presigned = await postJob(connection, call, { status: 200, schema: presignedSchema });
  return { ...presigned, job_id: presigned.job_id ?? request.jobId };
}

// The id is ours, and the code says that the job was taken.
const createdSchema = z.object({ job_id: optional(jobId) }).catch({ job_id: undefined });

/** Creates a job under our own id. What a second create with the same id does is not published: read the job first. */
export async function createSlngJob(
  connection: ProviderConnection,
  request: { jobId: string; media: SlngMedia; options: SlngJobOptions; echoedConfig: SlngEchoedConfig | null },
  signal: AbortSignal,
): Promise<string> {
  const { jobId, media, options, echoedConfig } = request;
  const transcription_config = echoedConfig ?? options.transcription_config ?? {};
  const json = { job_id: jobId, ...media, ...options, transcription_config };
  const call = { operation: 'create an SLNG job', json, signal };
  return (await postJob(connection, call, { status: 202, schema: createdSchema })).job_id ?? jobId;
}

/** The formats that SLNG writes results in. */
export const slngFormats = ['json', 'txt', 'srt'] as const;

/** A result and its download link, which is a secret and lives for about an hour. */
export interface SlngOutput {
  format: (typeof slngFormats)[number];
  url: string;
}

// Two captures of the vendor's page show different items; the older names the file where the newer tells the format.
const newerItem = z.object({ format: z.string(), download_url: z.url() });
const olderItem = z
  .object({ name: z.string(), url: z.url() })
  .transform(({ name, url }) => ({ format: name.slice(name.lastIndexOf('.') + 1), download_url: url }));
const filesSchema = z.object({ outputs: optional(rows(z.union([newerItem, olderItem]))) });

/** Asks for fresh download links of a job's results, in the order of `slngFormats`; what was not made is left out. */
export async function listSlngOutputs(
  connection: ProviderConnection,
  jobId: string,
  signal: AbortSignal,
): Promise<SlngOutput[]> {
  const path = `${batchJob.path(jobId)}/files`;
  const call = { operation: 'list the files of the SLNG job', method: 'GET', path, signal } as const;
  const { data } = await connection.call(call, filesSchema);
  return slngFormats.flatMap((format) => {
    const item = data.outputs?.find((candidate) => candidate.format.toLowerCase() === format);
    return item === undefined ? [] : [{ format, url: item.download_url }];
  });
}

/** Asks for a job to be deleted: accepted, not yet done, when it returns; a 409 means that the job has not ended. */
export async function deleteSlngJob(connection: ProviderConnection, jobId: string, signal: AbortSignal): Promise<void> {
  const call = { operation: 'delete the SLNG job', method: 'DELETE', path: batchJob.path(jobId), signal } as const;
  await connection.call(call, isJson);
}
