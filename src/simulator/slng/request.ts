import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { RefusalError } from '../answer.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { slngDialect } from './dialect.ts';
import type { SlngJob } from './job.ts';
import type { SlngJobs } from './jobs.ts';

/** The documented limit of form and URL input, 1 GB. */
export const maxInputSizeBytes = 1024 ** 3;

/** The fields that every way of creating a job takes. */
export const sharedFields = {
  job_id: z
    .string()
    .regex(/^[a-zA-Z0-9]+$/)
    .optional(),
  model_code: z.string().optional(),
  metadata: z.unknown().optional(),
  tracking: z.record(z.string(), z.unknown()).optional(),
  output_config: z.record(z.string(), z.unknown()).optional(),
  transcription_config: z.object({
    language: z.string().default('en'),
    operating_point: z.enum(['standard', 'enhanced']).default('standard'),
    diarization: z.enum(['none', 'speaker', 'channel']).default('none'),
    domain: z.string().optional(),
    output_locale: z.string().optional(),
    enable_entities: z.boolean().optional(),
    additional_vocab: z
      .array(z.object({ content: z.string(), sounds_like: z.array(z.string()).optional() }))
      .optional(),
  }),
};
/** The fields of one create, whichever way it came. */
export type SharedFields = z.infer<z.ZodObject<typeof sharedFields>>;

/** Creates the job that a request describes and notes its id in the record. */
export function createJob(jobs: SlngJobs, call: Call, fields: SharedFields): SlngJob {
  const { transcription_config, tracking, output_config, model_code, metadata } = fields;
  const job = jobs.create({
    id: fields.job_id ?? newJobId(),
    jobConfig: {
      type: 'transcription',
      transcription_config,
      ...(tracking ? { tracking } : {}),
      ...(output_config ? { output_config } : {}),
    },
    metadata,
    ...(model_code === undefined ? {} : { modelCode: model_code }),
  });
  call.record.jobId = job.id;
  return job;
}

/** The answer to a create. */
export function accepted(job: SlngJob): Answer {
  return { status: 202, body: { job_id: job.id, status: 'QUEUED' } };
}

/** An error in SLNG's words. */
export function refused(status: number, message: string): RefusalError {
  return new RefusalError({ status, body: slngDialect.errorBody(status, message) });
}

/** A job id as SLNG makes one where none is given. */
export function newJobId(): string {
  return randomBytes(12).toString('hex');
}
