import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { multipartUpload } from '../../providers/twelvelabs/multipart-upload.ts';
import type { ChunkBitmap } from '../../upload/chunk-bitmap.ts';
import type { FailedChunk } from '../../upload/chunk-upload.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { Pulse } from '../heartbeating.ts';
import { observeResource } from '../wait/observe-resource.ts';
import type { TwelveLabsUpload } from './create.ts';
import { readSessionChunks, type SessionChunks } from './session-chunks.ts';

/** One wave of an upload: every chunk that is missing, or those that earlier waves could not get through. */
export interface UploadTwelveLabsChunksInput {
  source: SourceDescription;
  upload: TwelveLabsUpload;
  /** Counts from 1; sets the back-off before the next one. */
  wave: number;
  /** The `chunks` that failed in the wave before; `null` sends all that TwelveLabs does not have. */
  again: string | null;
  /** How many chunks are in flight at once. */
  concurrency: number;
  credential?: string | undefined;
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
  pulse: Pulse<WaveProgress>;
  /** What every part must be sent with; `null` where the key that opens it has been replaced. */
  partHeaders: Record<string, string> | null;
  failed: FailedChunk[];
  /** The longest wait that storage asked for. */
  retryAfterMs: number;
  signal: AbortSignal;
}

/** Notes what the attempt after this one would need to know. */
export function remember(wave: Wave, change: Partial<WaveProgress>): void {
  wave.progress = { ...wave.progress, reported: wave.reported.encode(), ...change };
  void wave.pulse.remember(wave.progress);
}

/** Asks what TwelveLabs has of the upload. Throws a `ProviderError`. */
export async function listChunks(wave: Wave): Promise<SessionChunks> {
  const { connection, input, progress, signal } = wave;
  const session = await readSessionChunks(connection, input.upload.uploadId, signal);
  remember(wave, { statusCalls: progress.statusCalls + session.statusCalls });
  return session;
}

/** Looks at the session once. Throws a `ProviderError`. */
export async function observeSession(wave: Wave) {
  const { connection, input, progress, signal } = wave;
  const target = { provider: 'twelvelabs', name: 'multipart-upload', resource: multipartUpload };
  const seen = await observeResource(connection, { ...target, id: input.upload.uploadId }, signal);
  remember(wave, { statusCalls: progress.statusCalls + 1 });
  return seen;
}
