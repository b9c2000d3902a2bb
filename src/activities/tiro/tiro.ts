import { cancellationDetails } from '@temporalio/activity';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { putToStorage } from '../../providers/connection/storage.ts';
import { completeTiroUpload, createTiroJob, type CreateTiroJobOptions } from '../../providers/tiro/tiro-calls.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider, type OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import type { BeginJob } from '../wait/fetch-job-status.ts';
import { observeResource } from '../wait/observe-resource.ts';
import { createCollectTiroResults } from './collect.ts';

/** A file, and how Tiro is to treat it. */
export interface UploadTiroFileInput extends OfCredential {
  source: SourceDescription;
  options: CreateTiroJobOptions;
}

/** The job that holds the file. */
export interface UploadTiroFileResult {
  jobId: string;
  /** False only where the upload was cancelled after the job was created. */
  uploaded: boolean;
  /** Jobs of earlier attempts that never got their file; they do nothing and cost nothing. */
  abandoned: string[];
}

// The vendor gives an upload address one hour; past it a new job is the only way on.
const uploadAddressLifeMs = 3_600_000;

/** Tells Tiro that the file is there; whatever it answers, the job itself says whether that took. */
async function completeUpload(connection: ProviderConnection, jobId: string, attempt: Attempt<unknown>): Promise<void> {
  try {
    await attempt.once(() => completeTiroUpload(connection, jobId, attempt.signal));
  } catch (error) {
    if (!isProviderError(error) || error.kind === 'credential-refused') throw error;
    const target = { provider: 'tiro', resource: 'voice-file-job', id: jobId } as const;
    const { snapshot } = await observeResource(connection, target, attempt.signal);
    if (snapshot.phase !== null && snapshot.phase !== 'awaiting-upload') return;
    // An earlier call may have taken and not show yet: then a refusal is no more than a conflict, and asked again.
    throw attempt.mayHaveHappened && error.kind === 'rejected' ? error.with({ kind: 'conflict' }) : error;
  }
}

/** What Tiro needs done: create and upload, complete, collect. */
export function createTiroActivities(dependencies: ActivityDependencies) {
  const { openSource, timeScale } = dependencies;
  const atTiro = atProvider(dependencies, 'tiro');

  /** Creates a job and uploads the file to the address that only this answer holds. */
  async function upload(
    connection: ProviderConnection,
    { source, options }: UploadTiroFileInput,
    attempt: Attempt<UploadTiroFileResult>,
  ): Promise<UploadTiroFileResult> {
    const { memory: before, signal: cancelled } = attempt;
    if (before?.uploaded === true) return before;
    const { uri, fingerprint, mediaType, sizeBytes } = source;
    const media = await openSource(uri, fingerprint);
    try {
      // Not cut short by a cancellation: the answer holds the id.
      const { id, uploadUri: url } = await createTiroJob(connection, options, AbortSignal.timeout(45_000));
      const abandoned = before === null ? [] : [...before.abandoned, before.jobId];
      const made = { jobId: id, uploaded: false, abandoned };
      attempt.remember(made);
      // The address is a secret and is handed out once, so it lives and dies in this attempt.
      const signal = AbortSignal.any([cancelled, AbortSignal.timeout(uploadAddressLifeMs / timeScale)]);
      const operation = 'upload the file to Tiro';
      const headers = { 'content-type': mediaType };
      const put = () => {
        const body = media.read({ start: 0, end: sizeBytes }, signal);
        return putToStorage(connection.agents, { operation, url, headers, body, sizeBytes, signal });
      };
      // Storage that fails for a while is asked again at the same address: a new one is a new job.
      const isPassing = (error: unknown) => !signal.aborted && isProviderError(error, 'unavailable', 'rate-limited');
      try {
        await attempt.repeat(put, isPassing);
      } catch (error) {
        // Where only this attempt is to end, the next one begins with a new job; after a cancellation none comes.
        if (cancellationDetails()?.cancelRequested !== true) cancelled.throwIfAborted();
        if (cancelled.aborted) return made;
        if (!signal.aborted) throw error;
        const words = 'the upload address expired before the file was through';
        throw new ProviderError({ kind: 'storage-refused', operation, words });
      }
      const uploaded = { ...made, uploaded: true };
      attempt.remember(uploaded);
      return uploaded;
    } finally {
      await media.close();
    }
  }

  const beginJob: BeginJob = (connection, { id }, attempt) => completeUpload(connection, id, attempt);

  return {
    calls: {
      // In the jobs of 0.2; since then their wait begins with it.
      completeTiroUpload: atTiro('exists', (connection, { jobId }: OfCredential & { jobId: string }, attempt) =>
        completeUpload(connection, jobId, attempt),
      ),
    },
    beginJob,
    transfers: {
      uploadTiroFile: atTiro('before', upload),
      collectTiroResults: createCollectTiroResults(dependencies),
    },
  };
}

/** The activities of one provider by the queue that they run on. */
export type TiroActivities = ReturnType<typeof createTiroActivities>;
