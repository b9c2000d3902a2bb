import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';
import { readWords } from '../words.ts';
import { readTimestamps } from '../timestamps.ts';

const statuses = {
  CREATED: 'awaiting-upload',
  UPLOADED: 'queued',
  PROCESSING: 'running',
  COMPLETED: 'succeeded',
  FAILED: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({
  id: z.string(),
  status: z.string(),
  fileUploadedAt: z.string().nullish(),
  processStartedAt: z.string().nullish(),
  processCompletedAt: z.string().nullish(),
  errorMessage: z.unknown().optional(),
});

/** A Tiro voice-file job: https://api-docs.tiro.ooo/api-reference/voice-file/get-job. No percentage is published. */
export const voiceFileJob = {
  title: 'Tiro voice-file job',
  id: opaqueId,
  path: (id) => `/v1/external/voice-file/jobs/${encodeURIComponent(id)}`,
  statuses,
  read(body) {
    const job = bodySchema.parse(body);
    const reading = readStatus(statuses, job.status);
    return {
      ...reading,
      progress: null,
      message: readWords(job.errorMessage) ?? (reading.phase === 'failed' ? 'Tiro gives no reason' : null),
      timestamps: readTimestamps({
        uploadedAt: job.fileUploadedAt,
        startedAt: job.processStartedAt,
        finishedAt: job.processCompletedAt,
      }),
    };
  },
  // The vendor advises 1 to 2 s doubling to 30 s.
  polling: { floorMs: 2000, capMs: 30_000 },
} as const satisfies Resource;
