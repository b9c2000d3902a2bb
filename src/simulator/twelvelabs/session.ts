import type { MediaBytes } from '../origin.ts';
import type { Spool } from '../spool.ts';
import type { StoredObject } from '../storage.ts';

/** A part that was reported, or tried to be. */
export interface Chunk {
  status: 'completed' | 'failed';
  /** Milliseconds since the epoch. */
  updatedAt: number;
  uploadedAt?: number;
  error?: string;
  /** What was stored when the part failed: it takes another upload to repair it. */
  rejected?: StoredObject | undefined;
}

/** A multipart upload session. */
export interface Session {
  id: string;
  filename: string;
  assetId: string;
  createdAt: number;
  totalSizeBytes: number;
  chunkSizeBytes: number;
  totalChunks: number;
  uploadHeaders: Record<string, string>;
  mediaType: string;
  chunks: Map<number, Chunk>;
  /** How often each planned failure has struck, by part. */
  failuresStruck: Map<number, number>;
  /** When the last part was reported; milliseconds since the epoch. */
  reportedAt?: number;
  ended?: { status: 'failed' | 'expired'; at: number };
  durationSeconds: number;
  spool: Spool;
  /** The whole file, put together of its parts; undefined until all were reported. */
  media?: MediaBytes;
}

/** How many parts are in each state. */
export function chunkCounts(session: Session): { completed: number; failed: number; pending: number } {
  const all = [...session.chunks.values()];
  const completed = all.filter(({ status }) => status === 'completed').length;
  const failed = all.length - completed;
  return { completed, failed, pending: session.totalChunks - all.length };
}

/** How many bytes a part must have. */
export function expectedChunkSizeBytes(session: Session, index: number): number {
  const before = (index - 1) * session.chunkSizeBytes;
  return Math.min(session.chunkSizeBytes, session.totalSizeBytes - before);
}
