import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';
import { readWords } from '../words.ts';
import { readTimestamps } from '../timestamps.ts';
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

// Only id and status are required: a date in a form of its own is no reason to stop.
const time = z.string().nullish().catch(null);

const bodySchema = z.object({
  job_id: z.string(),
  status: z.string(),
  error_message: z.unknown().optional(),
  input_metadata: z
    .object({ duration_seconds: z.number().positive().nullish().catch(null) })
    .nullish()
    .catch(null),
  submitted_at: time,
  started_at: time,
  completed_at: time,
  updated_at: time,
  deleted_at: time,
  expired_at: time,
});

const withoutWords: Partial<Record<Phase, string>> = {
  failed: 'SLNG gives no reason',
  expired: 'SLNG keeps the results of this job no longer',
  deleted: 'the job was deleted at SLNG',
};

// Documented as an object with a message, or null; seen as a plain text.
function readMessage(errorMessage: unknown, phase: Phase | null): string | null {
  return readWords(errorMessage) ?? (phase === null ? null : (withoutWords[phase] ?? null));
}

// There is no status for it, and the job may keep any: the date alone says that the results are gone. `Date.parse`
// takes nearly any text for a date, and services write the year 1 for "never".
function isExpired(expiredAt: string | null | undefined): boolean {
  return typeof expiredAt === 'string' && /^20\d\d-/.test(expiredAt) && !Number.isNaN(Date.parse(expiredAt));
}

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
    const phase = isExpired(job.expired_at) ? 'expired' : reading.phase;
    const durationSeconds = job.input_metadata?.duration_seconds ?? null;
    return {
      ...reading,
      phase,
      progress: null,
      message: readMessage(job.error_message, phase),
      timestamps: readTimestamps({
        createdAt: job.submitted_at,
        startedAt: job.started_at,
        finishedAt: job.completed_at,
        updatedAt: job.updated_at,
        deletedAt: job.deleted_at,
        expiredAt: job.expired_at,
      }),
      ...(durationSeconds === null ? {} : { processingTime: estimateProcessingTime(durationSeconds) }),
    };
  },
  // The vendor publishes neither a limit nor advice on how often to ask.
  polling: { floorMs: 2000, capMs: 30_000 },
} as const satisfies Resource;
