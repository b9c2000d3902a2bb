import { redact } from '../../http/redact.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError, type ProviderErrorKind } from '../../providers/connection/provider-error.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import { backOffDelayMs } from '../../polling/back-off.ts';
import { ChunkBitmap } from '../../upload/chunk-bitmap.ts';
import type { FailedChunk } from '../../upload/chunk-upload.ts';
import { restoreHeaders } from '../../providers/twelvelabs/upload-headers.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { sendMissing } from './send-chunks.ts';
import { listChunks, observeSession, type UploadTwelveLabsChunksInput, type Wave, type WaveProgress } from './wave.ts';

/** Chunks that must be sent again. */
export interface FailedChunks {
  count: number;
  /** Which, as an encoded `ChunkBitmap`. */
  chunks: string;
  /** The lowest of them, and why. */
  first: FailedChunk;
}

/** What one wave came to. */
export interface UploadTwelveLabsChunksResult extends Pick<WaveProgress, 'assetId' | 'statusCalls'> {
  /** The session as it was seen after the last report. */
  snapshot: JobSnapshot;
  failed: FailedChunks | null;
  /** How long to wait before the next wave, by our scaled clock. */
  retryInMs: number;
}

function gather(failed: FailedChunk[]): FailedChunks | null {
  const [first] = failed.sort((one, other) => one.index - other.index);
  if (first === undefined) return null;
  const bitmap = new ChunkBitmap();
  for (const { index } of failed) bitmap.add(index);
  return { count: bitmap.count, chunks: bitmap.encode(), first };
}

// What passes decides over what does not: the next attempt shows whether the rest is still refused.
const byPatience: readonly ProviderErrorKind[] = [
  'rate-limited',
  'unavailable',
  'unexpected-response',
  'storage-refused',
];

/** What stands in the way of the chunks that storage did not take. */
function worstOf({ failed, refusals }: Wave): ProviderError | null {
  const [first] = failed;
  if (first === undefined) return null;
  const operation = `upload ${String(failed.length)} of the chunks`;
  const order = byPatience.map((kind) => refusals.find((refusal) => refusal.kind === kind));
  const refusal = order.find((found) => found !== undefined) ?? refusals[0];
  if (refusal === undefined) return new ProviderError({ kind: 'unavailable', operation, words: redact(first.reason) });
  return refusal.with({ operation, words: refusal.message });
}

/** Leaves a session whose parts nobody can send any more: a new one replaces it. */
async function giveUp(wave: Wave): Promise<UploadTwelveLabsChunksResult> {
  const { snapshot } = await observeSession(wave);
  const message = 'what its parts must be sent with was sealed with a key that has been replaced since';
  const { assetId, statusCalls } = wave.progress;
  return {
    snapshot: isTerminal(snapshot.phase) ? snapshot : { ...snapshot, phase: 'expired', message },
    ...{ failed: null, assetId, statusCalls, retryInMs: 0 },
  };
}

/** Makes the activity that sends one wave of chunks straight from the source; an attempt sends only what is not there. */
export function createUploadTwelveLabsChunks(dependencies: ActivityDependencies) {
  const { openSource, timeScale, random } = dependencies;

  async function sendWave(
    connection: ProviderConnection,
    input: UploadTwelveLabsChunksInput,
    attempt: Attempt<WaveProgress>,
  ): Promise<UploadTwelveLabsChunksResult> {
    const { source, upload } = input;
    const progress = attempt.memory ?? { reported: '', assetId: upload.assetId, statusCalls: 0 };
    const reported = ChunkBitmap.decode(progress.reported);
    const headers = restoreHeaders(upload, (sealed) => connection.open(sealed));
    const partHeaders = headers ?? {};
    const wave: Wave = { input, connection, reported, progress, attempt, partHeaders, failed: [], refusals: [] };
    if (headers === null) return giveUp(wave);
    const media = await openSource(source.uri, source.fingerprint);
    try {
      await sendMissing(wave, media, { timeScale, random });
    } finally {
      await media.close();
    }
    const { snapshot, reading } = await observeSession(wave);
    const hasEnded = isTerminal(snapshot.phase);
    const refusal = worstOf(wave);
    if (refusal !== null && !hasEnded) throw refusal;
    const damaged = reading.needsAttention === true && !hasEnded ? (await listChunks(wave)).failed : [];
    const { assetId, statusCalls } = wave.progress;
    const backOffMs = backOffDelayMs(input.wave, random, { firstMs: 5000, capMs: 600_000, floorMs: 1000 });
    return { snapshot, failed: gather(damaged), assetId, statusCalls, retryInMs: Math.ceil(backOffMs / timeScale) };
  }
  return atProvider(dependencies, 'twelvelabs')('exists', sendWave);
}
