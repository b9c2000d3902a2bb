import { z } from 'zod';
import type { Phase } from '../../snapshot.ts';
import { opaqueId } from '../opaque-id.ts';
import type { Resource } from '../provider.ts';
import { number, optional, text } from '../lenient.ts';
import { readStatus } from '../read-status.ts';
import { readCounters } from './read-counters.ts';

// `accepted` is the upload's own word, the other four the page gives for its files; what a mixed upload is called is
// not published, so the words only tell whether the status is known.
const statuses = {
  accepted: 'queued',
  pending: 'queued',
  uploading: 'running',
  completed: 'succeeded',
  failed: 'failed',
} as const satisfies Record<string, Phase>;

const bodySchema = z.object({
  status: text,
  total_files: optional(number),
  completed: optional(number),
  failed: optional(number),
  uploading: optional(number),
  pending: optional(number),
});

/** One upload request of one or more files: https://docs.tensorstudio.ai. It has no timestamps. */
export const soketUpload = {
  title: 'Soket upload',
  id: opaqueId,
  path: (id) => `/files/upload/${encodeURIComponent(id)}`,
  statuses,
  read(body) {
    const { status, total_files: total, completed, failed, uploading, pending } = bodySchema.parse(body);
    const sum = [completed, failed, uploading, pending].reduce<number>((all, next) => all + (next ?? NaN), 0);
    const counted = readCounters({ total, completed, failed, begun: (uploading ?? 0) > 0, addUp: sum === total });
    const { recognised } = readStatus(statuses, status);
    return { status, recognised, ...counted, timestamps: {} };
  },
  polling: { floorMs: 1000, capMs: 15_000 },
} as const satisfies Resource;
