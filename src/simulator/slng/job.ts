import type { MediaBytes } from '../origin.ts';

/** What the worker measured of the input. */
export interface SlngInput {
  key: string;
  /** The bytes as they were when the job was made of them. */
  media: MediaBytes;
  durationSeconds: number;
  mediaType: string;
  source: 'upload' | 'url' | 'presigned';
}

/** A batch job. */
export interface SlngJob {
  id: string;
  modelCode: string;
  jobConfig: Record<string, unknown>;
  metadata?: unknown;
  submittedAt: number;
  /** Known once the input has arrived; times in milliseconds since the epoch. */
  input?: SlngInput & { arrivedAt: number };
  inputError?: string;
  deletedAt?: number;
}
