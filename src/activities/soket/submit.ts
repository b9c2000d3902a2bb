import { activityInfo, heartbeat } from '@temporalio/activity';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { backOffDelayMs } from '../../polling/back-off.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import { soketProcessingTime } from '../../providers/soket/soket-batch.ts';
import { submitSoketBatch } from '../../providers/soket/soket-calls.ts';
import { readUploadedFiles, type UploadedFiles } from '../../providers/soket/uploaded-files.ts';
import type { SoketUploadReference } from '../../providers/soket/soket-reference.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { WaitDetails } from '../../contract/messages.ts';
import { createFailure } from '../patience/to-application-failure.ts';

/** An upload that Soket has taken in, wholly or in part. */
export interface SubmitSoketBatchInput {
  upload: SoketUploadReference;
  /** How many files the upload has, by its counters. */
  totalFiles: number;
  /** Whether some of the files could not be taken in: then only the others are submitted. */
  someFailed: boolean;
  credential?: string | undefined;
}

/** The batch, or that nobody can say whether there is one. */
export interface SubmitSoketBatchResult extends UploadedFiles {
  /** `null` where the request may have been taken and its answer was lost. */
  batchId: string | null;
  /** Why the answer is missing, where it is. */
  lost: string | null;
  processingTime: ProcessingTime | null;
}

/** Kept by an attempt that certainly submitted nothing; an attempt that dies keeps no such word. */
interface SubmitMemory {
  harmlessAttempt: number;
}

const answerWithinMs = 45_000;

/** Whether an error shows that Soket did not take the submission: it refused it, or never got it. */
function submittedNothing(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  const { neverSent, status, kind } = error;
  return neverSent || (status !== undefined && status < 500 && kind !== 'unexpected-response');
}

/**
 * Makes the activity that submits an upload. It asks a second time only where the attempt before certainly submitted
 * nothing: a batch has no idempotency key, and a second one would be a second transcription.
 */
export function createSubmitSoketBatch({ connect, timeScale, random }: ActivityDependencies) {
  async function submit(connection: ProviderConnection, { batchUploadId }: SoketUploadReference, files: UploadedFiles) {
    const body =
      files.failed.length > 0 ? { file_ids: files.usable.map(({ id }) => id) } : { batch_upload_id: batchUploadId };
    return submitSoketBatch(connection, body, AbortSignal.timeout(answerWithinMs));
  }

  function notYet(error: ProviderError, attempt: number): Error {
    const message = `Soket has not taken the files in yet. ${error.message}`;
    const nextRetryDelayMs = error.retryAfterMs ?? backOffDelayMs(attempt, random, { floorMs: 1000 }) / timeScale;
    const nextLookAt = new Date(Date.now() + nextRetryDelayMs).toISOString();
    const details: WaitDetails = { snapshot: null, statusCalls: 0, nextLookAt };
    return createFailure({ type: 'JobNotFinished', message, benign: true, nextRetryDelayMs, details: [details] });
  }

  return async function submitSoketBatchOnce(input: SubmitSoketBatchInput): Promise<SubmitSoketBatchResult> {
    const info = activityInfo();
    const { attempt } = info;
    const harmless = () => {
      heartbeat({ harmlessAttempt: attempt } satisfies SubmitMemory);
    };
    const before = info.heartbeatDetails as SubmitMemory | undefined;
    const diedBefore = attempt > 1 && before?.harmlessAttempt !== attempt - 1;
    let files: UploadedFiles;
    let connection: ProviderConnection;
    try {
      connection = await connect('soket', input.credential);
      files = await readUploadedFiles(connection, input, AbortSignal.timeout(answerWithinMs));
    } catch (error) {
      if (!diedBefore) harmless();
      throw error;
    }
    const unconfirmed = (lost: string) => ({ ...files, batchId: null, lost, processingTime: null });
    if (diedBefore) return unconfirmed('the worker went away while it was submitting');
    try {
      const { batch_id: batchId, estimated_completion_seconds: seconds } = await submit(
        connection,
        input.upload,
        files,
      );
      return { ...files, batchId, lost: null, processingTime: soketProcessingTime(seconds) };
    } catch (error) {
      if (!submittedNothing(error)) return unconfirmed(error instanceof Error ? error.message : String(error));
      harmless();
      throw isProviderError(error, 'conflict') ? notYet(error, attempt) : error;
    }
  };
}
