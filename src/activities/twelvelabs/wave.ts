import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { multipartUpload } from '../../providers/twelvelabs/multipart-upload.ts';
import type { ChunkBitmap } from '../../upload/chunk-bitmap.ts';
import { countChunks } from '../../upload/chunk-range.ts';
import type { FailedChunk } from '../../upload/chunk-upload.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import { listTwelveLabsChunks } from '../../providers/twelvelabs/twelvelabs-session-calls.ts';
import type { ProviderError } from '../../providers/connection/provider-error.ts';
import type { Phase } from '../../snapshot.ts';
import type { OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { observeResource } from '../wait/observe-resource.ts';
import type { TwelveLabsUpload } from './create.ts';

/** One wave of an upload: every chunk that is missing, or those that earlier waves could not get through. */
export interface UploadTwelveLabsChunksInput extends OfCredential {
  source: SourceDescription;
  upload: TwelveLabsUpload;
  /** Counts from 1; sets the back-off before the next one. */
  wave: number;
  /** The `chunks` that failed in the wave before; `null` sends all that TwelveLabs does not have. */
  again: string | null;
  /** How many chunks are in flight at once. */
  concurrency: number;
}

/** What attempts leave to each other; the bitmap is a hint, TwelveLabs' own list is the truth. */
export interface WaveProgress {
  reported: string;
  assetId: string | null;
  statusCalls: number;
}

/** One attempt at a wave. */
export interface Wave {
  input: UploadTwelveLabsChunksInput;
  connection: ProviderConnection;
  reported: ChunkBitmap;
  progress: WaveProgress;
  attempt: Attempt<WaveProgress>;
  /** What every part must be sent with. */
  partHeaders: Record<string, string>;
  /** The chunks that storage did not take in the last pass, and why. */
  failed: FailedChunk[];
  refusals: ProviderError[];
}

/** What TwelveLabs says that it has of an upload. */
export interface SessionChunks {
  phase: Phase | null;
  /** The status of each chunk that it names; whether it names untouched ones is not published. */
  chunks: Map<number, string>;
  failed: FailedChunk[];
}

/** Notes what the attempt after this one would need to know. */
export function remember(wave: Wave, change: Partial<WaveProgress>): void {
  wave.progress = { ...wave.progress, reported: wave.reported.encode(), ...change };
  wave.attempt.remember(wave.progress);
}

/** Asks what TwelveLabs has of the upload, page by page. Throws a `ProviderError`. */
export async function listChunks(wave: Wave): Promise<SessionChunks> {
  const { connection, input, progress, attempt } = wave;
  const { uploadId, chunkSizeBytes } = input.upload;
  const { pages, rows: listed } = await listTwelveLabsChunks(connection, uploadId, attempt.signal);
  const count = countChunks(chunkSizeBytes, input.source.sizeBytes);
  // What the file has no bytes for can neither be missing nor sent.
  const rows = listed.filter(({ index }) => index <= count);
  remember(wave, { statusCalls: progress.statusCalls + pages.length });
  return {
    phase: multipartUpload.read(pages[0]).phase,
    chunks: new Map(rows.map(({ index, status }) => [index, status])),
    failed: rows
      .filter(({ status }) => status === 'failed')
      .map(({ index, error }) => ({ index, reason: connection.redact(error ?? 'TwelveLabs gives no reason') })),
  };
}

/** Looks at the session once. Throws a `ProviderError`. */
export async function observeSession(wave: Wave) {
  const { connection, input, progress, attempt } = wave;
  const target = { provider: 'twelvelabs', resource: 'multipart-upload', id: input.upload.uploadId } as const;
  const seen = await observeResource(connection, target, attempt.signal);
  remember(wave, { statusCalls: progress.statusCalls + 1 });
  return seen;
}
