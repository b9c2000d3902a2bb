import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import { keepTimes, optional, text, time, words } from '../lenient.ts';
import type { Resource } from '../provider.ts';
import { readStatus } from '../read-status.ts';

// `waiting` stands on an older page only; the newer one has `failed` in its place.
const statuses = {
  waiting: 'queued',
  processing: 'running',
  ready: 'succeeded',
  failed: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({ status: text, created_at: optional(time), error: words });

/** An asset's path. */
export function assetPath(id: string): string {
  return `/assets/${encodeURIComponent(id)}`;
}

/** A TwelveLabs asset: reserved with its upload session, of use once it is `ready`. */
export const asset = {
  title: 'TwelveLabs asset',
  id: opaqueId,
  path: assetPath,
  statuses,
  read(body) {
    const read = bodySchema.parse(body);
    const reading = readStatus(statuses, read.status);
    const failed = reading.phase === 'failed';
    return {
      ...reading,
      progress: null,
      message: failed ? (read.error ?? 'TwelveLabs gives no reason') : null,
      timestamps: keepTimes({ createdAt: read.created_at }),
    };
  },
  polling: { floorMs: 2000, capMs: 60_000 },
} as const satisfies Resource;
