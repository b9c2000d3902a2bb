import { withoutNulls } from '../../client/canonical-input.ts';
import { isProviderError } from '../../providers/connection/provider-error.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { putToStorage } from '../../providers/connection/storage.ts';
import { createSlngJob, presignSlngUpload, type SlngMedia } from '../../providers/slng/slng-calls.ts';
import { slngCleaning } from '../../providers/slng/slng-cleaning.ts';
import { type SlngJobOptions, slngTranscriptionInput } from '../../providers/slng/slng-transcription-input.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { createCollectSlngResults } from './collect.ts';
import { cancelSlngJob, deleteSlngJob, lookForSlngJob } from './end-job.ts';
import {
  type CreateSlngJobInput,
  deriveSlngJobId,
  findSlngJob,
  type UploadSlngFileInput,
  type UploadSlngFileResult,
} from './slng-job.ts';
import { withFirstLook } from '../wait/first-look.ts';

/** What other languages write as null is absent, at any depth. */
const written = (options: SlngJobOptions) => withoutNulls(slngTranscriptionInput, options) as SlngJobOptions;

/**
 * Creates the job under an id that every attempt derives anew, so that a create whose answer was lost is found
 * again and not repeated.
 */
async function createJob(connection: ProviderConnection, wanted: CreateSlngJobInput, attempt: Attempt<never>) {
  const { source, options, uploaded } = wanted;
  const jobId = uploaded?.jobId ?? deriveSlngJobId(wanted);
  const media: SlngMedia = uploaded === null ? { input_url: source.uri } : { s3_key: uploaded.s3Key };
  const { signal } = attempt;
  if (attempt.mayHaveHappened && (await findSlngJob(connection, jobId, signal)) !== null) return { jobId };
  try {
    const request = { jobId, media, options: written(options), echoedConfig: uploaded?.echoedConfig ?? null };
    // Not cut short by a cancellation: a look right after it would not see what SLNG is still making.
    return { jobId: await attempt.once(() => createSlngJob(connection, request, AbortSignal.timeout(45_000))) };
  } catch (error) {
    // What SLNG says to an id that is taken is not published: 409 and 400 are the likely ones.
    if (!isProviderError(error, 'conflict', 'rejected')) throw error;
    if ((await findSlngJob(connection, jobId, signal)) === null) throw error;
    return { jobId };
  }
}

/** What SLNG needs done: upload, create, collect, delete, and look what became of it after a cancellation. */
export function createSlngActivities(dependencies: ActivityDependencies) {
  const atSlng = atProvider(dependencies, 'slng');

  /** Uploads the file to an address that only this attempt knows. */
  async function upload(
    connection: ProviderConnection,
    input: UploadSlngFileInput,
    attempt: Attempt<UploadSlngFileResult>,
  ): Promise<UploadSlngFileResult> {
    if (attempt.memory !== null) return attempt.memory;
    const { signal } = attempt;
    const { uri, fingerprint, fileName, mediaType, sizeBytes } = input.source;
    const media = await dependencies.openSource(uri, fingerprint);
    try {
      const wanted = { jobId: deriveSlngJobId(input), fileName, mediaType, options: written(input.options) };
      // The address is a secret, so it lives and dies in this attempt; the next one asks for its own.
      const presigned = await presignSlngUpload(connection, wanted, signal);
      const { url, s3_key: s3Key, headers = {} } = presigned.upload;
      const body = media.read({ start: 0, end: sizeBytes }, signal);
      const operation = 'upload the file to SLNG';
      await putToStorage(connection.agents, { operation, url, headers, body, sizeBytes, signal });
      const uploaded = { jobId: presigned.job_id, s3Key, echoedConfig: presigned.transcription_config ?? null };
      attempt.remember(uploaded);
      return uploaded;
    } finally {
      await media.close();
    }
  }

  return {
    calls: {
      createSlngJob: withFirstLook(dependencies, ['slng', 'batch-job'], atSlng('before', createJob)),
      deleteSlngJob: atSlng('exists', deleteSlngJob),
      cancelSlngJob: atSlng('exists', cancelSlngJob),
      lookForSlngJob: atSlng('exists', lookForSlngJob),
    },
    transfers: {
      uploadSlngFile: atSlng('before', upload),
      collectSlngResults: createCollectSlngResults(dependencies),
    },
    cleaning: slngCleaning,
  };
}

/** The activities of SLNG by the queue that they run on. */
export type SlngActivities = ReturnType<typeof createSlngActivities>;
