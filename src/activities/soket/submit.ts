import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isProviderError, mayHaveHappened } from '../../providers/connection/provider-error.ts';
import { soketProcessingTime } from '../../providers/soket/soket-batch.ts';
import { submitSoketBatch } from '../../providers/soket/soket-calls.ts';
import type { SoketUploadReference } from '../../providers/soket/soket-reference.ts';
import { readUploadedFiles, type UploadedFiles } from '../../providers/soket/uploaded-files.ts';
import type { OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { jobNotFinished } from '../wait/job-not-finished.ts';

/** An upload that Soket has taken in, wholly or in part. */
export interface SubmitSoketBatchInput extends OfCredential {
  upload: SoketUploadReference;
  /** How many files the upload has, by its counters. */
  totalFiles: number;
  /** Whether some of the files could not be taken in: then only the others are submitted. */
  someFailed: boolean;
}

/** The batch, or that nobody can say whether there is one. */
export interface SubmitSoketBatchResult extends UploadedFiles {
  /** `null` where the request may have been taken and its answer was lost. */
  batchId: string | null;
  /** Why the answer is missing, where it is. */
  lost: string | null;
  processingTime: ProcessingTime | null;
}

const answerWithinMs = 45_000;

/**
 * Submits an upload. It asks a second time only where the attempts before certainly submitted nothing: a batch has no
 * idempotency key, and a second one would be a second transcription.
 */
export async function submitSoketUpload(
  connection: ProviderConnection,
  input: SubmitSoketBatchInput,
  attempt: Attempt<never>,
): Promise<SubmitSoketBatchResult> {
  const files = await readUploadedFiles(connection, input, AbortSignal.timeout(answerWithinMs));
  const { usable, failed } = files;
  const unconfirmed = (lost: string) => ({ ...files, batchId: null, lost, processingTime: null });
  if (attempt.mayHaveHappened) return unconfirmed('the worker went away while it was submitting');
  const body =
    failed.length > 0 ? { file_ids: usable.map(({ id }) => id) } : { batch_upload_id: input.upload.batchUploadId };
  try {
    const made = await submitSoketBatch(connection, body, AbortSignal.timeout(answerWithinMs));
    const { batch_id: batchId, estimated_completion_seconds: seconds } = made;
    return { ...files, batchId, lost: null, processingTime: soketProcessingTime(seconds) };
  } catch (error) {
    if (mayHaveHappened(error)) return unconfirmed(error instanceof Error ? error.message : String(error));
    const verdict = isProviderError(error, 'conflict') ? attempt.judge(error) : null;
    if (verdict === null || verdict.isFinal) throw error;
    throw jobNotFinished(`Soket has not taken the files in yet. ${verdict.message}.`, verdict.delayMs);
  }
}
