import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { keepTimes, number, optional, text, time, words } from '../lenient.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';
import { estimateProcessingTime } from './processing-time.ts';

const statuses = {
  QUEUED: 'queued',
  IN_PROGRESS: 'running',
  DECODING: 'running',
  POST_PROCESSING: 'running',
  DONE: 'succeeded',
  FAILED: 'failed',
  DELETED: 'deleted',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({
  job_id: text,
  status: text,
  // Documented as an object with a message, or null; seen as a plain text.
  error_message: words,
  input_metadata: optional(z.object({ duration_seconds: optional(number.pipe(z.number().positive())) })),
  submitted_at: optional(time),
  started_at: optional(time),
  completed_at: optional(time),
  updated_at: optional(time),
  deleted_at: optional(time),
  expired_at: optional(time),
});

const withoutWords: Partial<Record<Phase, string>> = {
  failed: 'SLNG gives no reason',
  expired: 'SLNG keeps the results of this job no longer',
  deleted: 'the job was deleted at SLNG',
};

/** An SLNG batch job: https://docs.slng.ai, "Get batch job". No percentage is published. */
export const batchJob = {
  title: 'SLNG batch job',
  id: z
    .string()
    .max(256)
    .regex(/^[a-zA-Z0-9]+$/, 'expected letters and digits only'),
  path: (id) => `/v1/batch/jobs/${encodeURIComponent(id)}`,
  statuses,
  read(body) {
    const job = bodySchema.parse(body);
    const reading = readStatus(statuses, job.status);
    // There is no status for it, and the job may keep any: the date alone says that the results are gone.
    const phase = job.expired_at === undefined ? reading.phase : 'expired';
    const durationSeconds = job.input_metadata?.duration_seconds;
    return {
      ...reading,
      phase,
      progress: null,
      message: job.error_message ?? (phase === null ? null : (withoutWords[phase] ?? null)),
      timestamps: keepTimes({
        createdAt: job.submitted_at,
        startedAt: job.started_at,
        finishedAt: job.completed_at,
        updatedAt: job.updated_at,
        deletedAt: job.deleted_at,
        expiredAt: job.expired_at,
      }),
      ...(durationSeconds === undefined ? {} : { processingTime: estimateProcessingTime(durationSeconds) }),
    };
  },
  // The vendor publishes neither a limit nor advice on how often to ask.
  polling: { floorMs: 2000, capMs: 60_000 },
} as const satisfies Resource;
