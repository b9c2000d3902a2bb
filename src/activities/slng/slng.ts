import { activityInfo } from '@temporalio/activity';
import { isProviderError } from '../../providers/connection/provider-error.ts';
import { putToStorage } from '../../providers/connection/storage.ts';
import { createSlngJob, presignSlngUpload, type SlngMedia } from '../../providers/slng/slng-calls.ts';
import type { SlngJobOptions } from '../../providers/slng/slng-transcription-input.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { Attempt } from '../patience/attempt.ts';
import { patiently } from '../patience/patiently.ts';
import { createCancelSlngJob } from './cancel.ts';
import { createCollectSlngResults } from './collect.ts';
import { createDeleteSlngJob } from './delete.ts';
import { deriveSlngJobId } from './job-id.ts';
import { findSlngJob } from './find-job.ts';
import type { CreateSlngJobInput, UploadSlngFileResult } from './slng-job.ts';

/** A file, and how SLNG is to treat it. */
export interface UploadSlngFileInput {
  source: SourceDescription;
  options: SlngJobOptions;
  /** The marker of the job; absent in those of 0.1. */
  marker?: string | undefined;
  credential?: string | undefined;
}

/** What SLNG needs done: upload, create, collect, delete, and look what became of it after a cancellation. */
export function createSlngActivities(dependencies: ActivityDependencies) {
  const { connect, openSource, ...pace } = dependencies;

  async function presignAndUpload(input: UploadSlngFileInput, signal: AbortSignal): Promise<UploadSlngFileResult> {
    const { source, options, credential } = input;
    const media = await openSource(source.uri, source.fingerprint);
    try {
      const connection = await connect('slng', credential);
      const { fileName, mediaType, sizeBytes } = source;
      const jobId = deriveSlngJobId(activityInfo(), input);
      // The address is a secret, so it lives and dies in this attempt; the next one asks for its own.
      const presigned = await presignSlngUpload(connection, { jobId, fileName, mediaType, options }, signal);
      const { url, s3_key: s3Key, headers } = presigned.upload;
      await putToStorage(connection.agents, {
        operation: 'upload the file to SLNG',
        url,
        headers: headers ?? {},
        body: media.read({ start: 0, end: sizeBytes }, signal),
        sizeBytes,
        signal,
      });
      return { jobId: presigned.job_id, s3Key, echoedConfig: presigned.transcription_config ?? null };
    } finally {
      await media.close();
    }
  }

  /**
   * Creates the job under an id that every attempt derives anew, so that a create whose answer was lost is found
   * again and not repeated.
   */
  async function createJob(wanted: CreateSlngJobInput, attempt: Attempt<never>): Promise<{ jobId: string }> {
    const { source, options, uploaded, credential } = wanted;
    const jobId = uploaded?.jobId ?? deriveSlngJobId(activityInfo(), wanted);
    const media: SlngMedia = uploaded === null ? { input_url: source.uri } : { s3_key: uploaded.s3Key };
    const connection = await connect('slng', credential);
    const { signal } = attempt;
    if (attempt.mayHaveHappened && (await findSlngJob(connection, jobId, signal)) !== null) return { jobId };
    try {
      const request = { jobId, media, options, echoedConfig: uploaded?.echoedConfig ?? null };
      // Not cut short by a cancellation: a look right after it would not see what SLNG is still making.
      return { jobId: await attempt.once(() => createSlngJob(connection, request, AbortSignal.timeout(45_000))) };
    } catch (error) {
      // What SLNG says to an id that is taken is not published: 409 and 400 are the likely ones.
      if (!isProviderError(error, 'conflict', 'rejected')) throw error;
      if ((await findSlngJob(connection, jobId, signal)) === null) throw error;
      return { jobId };
    }
  }

  return {
    calls: {
      createSlngJob: patiently(pace, 'before', createJob),
      deleteSlngJob: createDeleteSlngJob(dependencies),
      ...createCancelSlngJob(dependencies),
    },
    transfers: {
      /** Uploads the file to an address that only this attempt knows. */
      uploadSlngFile: patiently(
        pace,
        'before',
        async (input: UploadSlngFileInput, attempt: Attempt<UploadSlngFileResult>) => {
          if (attempt.memory !== null) return attempt.memory;
          const uploaded = await presignAndUpload(input, attempt.signal);
          attempt.remember(uploaded);
          return uploaded;
        },
      ),

      collectSlngResults: createCollectSlngResults(dependencies),
    },
  };
}

/** The activities of SLNG by the queue that they run on. */
export type SlngActivities = ReturnType<typeof createSlngActivities>;
