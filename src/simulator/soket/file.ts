import type { MediaBytes } from '../origin.ts';
import type { ReceivedBytes } from '../received-bytes.ts';

/** An uploaded file. */
export interface SoketFile {
  id: string;
  uploadId: string;
  filename: string;
  contentType: string;
  media: MediaBytes;
  durationSeconds: number;
  gcsKey: string;
  /** Its place in the upload, from 0. */
  position: number;
}

/** One upload request. */
export interface SoketUpload {
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  files: SoketFile[];
}

/** A file that came with an upload. */
export interface ArrivedFile {
  filename: string;
  contentType: string;
  bytes: ReceivedBytes;
  durationSeconds: number;
}
