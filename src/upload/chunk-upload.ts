import type { Readable } from 'node:stream';
import type { ChunkBitmap } from './chunk-bitmap.ts';
import type { MediaSource } from './media-source.ts';

/** A chunk that storage has taken, as the provider wants it reported. */
export interface UploadedChunk {
  index: number;
  etag: string;
  sizeBytes: number;
}

/** A chunk that storage did not take; `reason` holds no query of a URL. */
export interface FailedChunk {
  index: number;
  reason: string;
}

/** Counts of one run of `uploadChunks`. */
export interface UploadState {
  inFlightChunks: number;
  uploadedChunks: number;
  uploadedBytes: number;
  failedChunks: number;
  /** The chunks that the provider knows of from this run; it goes on to change. */
  reported: ChunkBitmap;
}

/** What `uploadChunks` uploads, and how it reaches storage and provider. */
export interface UploadChunksInput {
  source: MediaSource;
  chunkSizeBytes: number;
  totalBytes: number;
  /** The chunks to upload, from 1. */
  indexes: readonly number[];
  /** The most chunks in flight at once. */
  concurrency: number;
  /** The most chunks in one report. */
  reportBatchSize: number;
  /** Attempts for each chunk. Default 1. */
  maxAttempts?: number | undefined;
  signal: AbortSignal;
  /** A single-use URL, asked for before each attempt; a rejection stops the run. */
  freshUrl(index: number): Promise<string>;
  /** Sends one chunk; a rejection is that chunk's failure, save a `SourceError` of its body, which stops the run. */
  putChunk(
    index: number,
    url: string,
    body: Readable,
    sizeBytes: number,
    signal: AbortSignal,
  ): Promise<{ etag: string }>;
  /** Tells the provider of chunks; never called twice at once. A rejection stops the run. */
  report(chunks: readonly UploadedChunk[]): Promise<void>;
  onProgress?: ((state: Readonly<UploadState>) => void) | undefined;
}

/** How a run of `uploadChunks` ended: every index is in one of the two. */
export interface UploadChunksResult {
  reported: number[];
  failed: FailedChunk[];
}
