import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import { keepTimes, number, optional, rows, text, time, words } from '../lenient.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';

// An active session is a running job as soon as a chunk was reported.
const statuses = {
  active: 'awaiting-upload',
  completed: 'succeeded',
  failed: 'failed',
  expired: 'expired',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({
  status: text,
  uploaded_chunks: optional(rows(z.object({ index: optional(number), status: optional(text), error: words }))),
  chunks_completed: optional(number),
  chunks_failed: optional(number),
  chunks_pending: optional(number),
  uploaded_size: optional(number),
  created_at: optional(time),
  updated_at: optional(time),
});

type Body = z.infer<typeof bodySchema>;

function readMessage(session: Body, phase: Phase | null): string | null {
  // A chunk's own status tells: the vendor's sample has an error on a completed one.
  const chunk = session.uploaded_chunks?.find(({ status }) => status === 'failed');
  if (chunk) return `chunk ${String(chunk.index ?? '?')} failed: ${chunk.error ?? 'TwelveLabs gives no reason'}`;
  if (phase === 'failed') return 'TwelveLabs gives no reason';
  return phase === 'expired' ? 'the session was not completed within its 24 hours' : null;
}

// A session has at most some ten thousand chunks: what is no such number counts nothing.
function toCount(value: number | undefined): number {
  return value !== undefined && Number.isInteger(value) && value > 0 && value < 1e9 ? value : 0;
}

/** A session path; its reports and URLs are asked for below it. */
export function multipartUploadPath(id: string): string {
  return `/assets/multipart-uploads/${encodeURIComponent(id)}`;
}

/**
 * A TwelveLabs multipart upload session: https://docs.twelvelabs.io/api-reference/upload-content/multipart-uploads.
 * Its end is read from `status`; the counters are progress only, and may say 100 % while it is still `active`.
 */
export const multipartUpload = {
  title: 'TwelveLabs upload session',
  id: opaqueId,
  path: multipartUploadPath,
  statuses,
  read(body) {
    const session = bodySchema.parse(body);
    const { chunks_completed, chunks_failed, chunks_pending, uploaded_size } = session;
    const [done, failed, pending] = [toCount(chunks_completed), toCount(chunks_failed), toCount(chunks_pending)];
    const total = done + failed + pending;
    const reading = readStatus(statuses, session.status);
    const begun = done + failed + (uploaded_size ?? 0) > 0;
    const phase = reading.phase === 'awaiting-upload' && begun ? 'running' : reading.phase;
    return {
      ...reading,
      phase,
      progress: total > 0 ? { done, total, unit: 'chunks' } : null,
      message: readMessage(session, phase),
      timestamps: keepTimes({ createdAt: session.created_at, updatedAt: session.updated_at }),
      ...(reading.phase === 'awaiting-upload' && failed > 0 ? { needsAttention: true } : {}),
    };
  },
  polling: { floorMs: 2000, capMs: 60_000 },
} as const satisfies Resource;
