import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import { keepTimes, optional, text, time, words } from '../lenient.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';

const statuses = {
  CREATED: 'awaiting-upload',
  UPLOADED: 'queued',
  PROCESSING: 'running',
  COMPLETED: 'succeeded',
  FAILED: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({
  id: text,
  status: text,
  fileUploadedAt: optional(time),
  processStartedAt: optional(time),
  processCompletedAt: optional(time),
  errorMessage: words,
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
      message: job.errorMessage ?? (reading.phase === 'failed' ? 'Tiro gives no reason' : null),
      timestamps: keepTimes({
        uploadedAt: job.fileUploadedAt,
        startedAt: job.processStartedAt,
        finishedAt: job.processCompletedAt,
      }),
    };
  },
  // The vendor advises 1 to 2 s doubling to 30 s.
  polling: { floorMs: 2000, capMs: 30_000 },
} as const satisfies Resource;
