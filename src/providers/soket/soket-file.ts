import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import type { Resource } from '../provider.ts';
import { text, words } from '../lenient.ts';
import { readStatus } from '../read-status.ts';

const statuses = {
  queued: 'queued',
  processing: 'running',
  // Soket tries a failed file again by itself: not an end.
  retrying: 'running',
  completed: 'succeeded',
  failed: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({ status: text, errors: words });

/**
 * The transcription of one uploaded file, whichever batch it belongs to: the way back to a job whose batch id was
 * lost with the answer to the submission.
 */
export const soketFile = {
  title: 'Soket file result',
  id: opaqueId,
  path: (id) => `/results/file/${encodeURIComponent(id)}`,
  statuses,
  read(body) {
    const { status, errors } = bodySchema.parse(body);
    const reading = readStatus(statuses, status);
    const message = errors ?? (reading.phase === 'failed' ? 'Soket gives no reason' : null);
    return { ...reading, progress: null, message, timestamps: {} };
  },
  polling: { floorMs: 2000, capMs: 60_000 },
} as const satisfies Resource;
