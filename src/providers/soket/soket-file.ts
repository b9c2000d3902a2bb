import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';

const statuses = {
  queued: 'queued',
  processing: 'running',
  // Soket tries a failed file again by itself: not an end.
  retrying: 'running',
  completed: 'succeeded',
  failed: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({ status: z.string(), errors: z.array(z.unknown()).nullish() });

const wordsSchema = z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]);

// What can be parsed can be nested more deeply than can be written.
function writeOut(error: unknown): string {
  try {
    return JSON.stringify(error);
  } catch {
    return 'an error without words';
  }
}

/** Puts the errors of one file, whose shape is not published, into words; `null` where there are none. */
function readFileErrors(errors: readonly unknown[] | null | undefined): string | null {
  if (!errors || errors.length === 0) return null;
  return errors.map((error) => wordsSchema.safeParse(error).data ?? writeOut(error)).join('; ');
}

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
    const message = readFileErrors(errors) ?? (reading.phase === 'failed' ? 'Soket gives no reason' : null);
    return { ...reading, progress: null, message, timestamps: {} };
  },
  polling: { floorMs: 2000, capMs: 60_000 },
} as const satisfies Resource;
