import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import { opaqueId } from '../opaque-id.ts';
import type { Resource } from '../provider.ts';
import { number, optional, readWords, rows, text } from '../lenient.ts';
import { readStatus } from '../read-status.ts';
import { readCounters } from './read-counters.ts';

// Only `processing` is shown for a batch; the others are what the pages call its files.
const statuses = {
  processing: 'running',
  retrying: 'running',
  completed: 'succeeded',
  failed: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({
  status: text,
  total_files: optional(number),
  files_completed: optional(number),
  files_failed: optional(number),
  estimated_completion_seconds: optional(number),
  // Only in the service's development mode.
  files_processing: optional(number),
  processing_jobs: optional(number),
});

/** Turns Soket's own estimate into the span in which most batches end; `null` where it gives none. */
export function soketProcessingTime(estimatedSeconds: number | undefined): ProcessingTime | null {
  if (!estimatedSeconds || estimatedSeconds < 0 || !Number.isFinite(estimatedSeconds)) return null;
  return { earliestMs: estimatedSeconds * 900, latestMs: estimatedSeconds * 1500 };
}

const failedFile = z.object({ filename: optional(text), errors: z.unknown().optional() });
const failedFiles = z.object({ files: rows(failedFile) });

function readReasons(body: unknown): string | null {
  const files = failedFiles.safeParse(body).data?.files ?? [];
  const reasons = files.flatMap(({ filename, errors }) => {
    const words = readWords(errors);
    return words === null ? [] : filename ? `${filename}: ${words}` : words;
  });
  return reasons.join('; ') || null;
}

/** One submission of files for transcription: https://docs.tensorstudio.ai. It has no timestamps. */
export const soketBatch = {
  title: 'Soket batch',
  id: opaqueId,
  path: (id) => `/status/batch/${encodeURIComponent(id)}`,
  statuses,
  read(body) {
    const batch = bodySchema.parse(body);
    const { status, total_files: total, files_completed: completed, files_failed: failed } = batch;
    const begun = (batch.files_processing ?? 0) > 0 || (batch.processing_jobs ?? 0) > 0;
    const addUp = (completed ?? 0) + (failed ?? 0) <= (total ?? 0);
    const processingTime = soketProcessingTime(batch.estimated_completion_seconds);
    return {
      status,
      recognised: readStatus(statuses, status).recognised,
      ...readCounters({ total, completed, failed, begun, addUp }),
      timestamps: {},
      ...(processingTime === null ? {} : { processingTime }),
    };
  },
  reasons: {
    path: (id) => `/results/batch/${encodeURIComponent(id)}`,
    query: { status: 'failed', limit: 10 },
    read: readReasons,
  },
  polling: { floorMs: 2000, capMs: 60_000 },
  progressTellsPace: true,
} as const satisfies Resource;
