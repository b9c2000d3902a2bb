import { cancellationDetails } from '@temporalio/activity';
import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { putToStorage } from '../../providers/connection/storage.ts';
import { completeTiroUpload, createTiroJob, type CreateTiroJobOptions } from '../../providers/tiro/tiro-calls.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { Attempt } from '../patience/attempt.ts';
import { patiently } from '../patience/patiently.ts';
import { observeResource } from '../wait/observe-resource.ts';
import { createCollectTiroResults } from './collect.ts';

interface Credential {
  credential?: string | undefined;
}

/** A file, and how Tiro is to treat it. */
export interface UploadTiroFileInput extends Credential {
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

/** What Tiro needs done: create and upload, complete, collect. */
export function createTiroActivities(dependencies: ActivityDependencies) {
  const { connect, openSource, ...pace } = dependencies;
  async function createAndUpload(
    { source, options, credential }: UploadTiroFileInput,
    abandoned: string[],
    attempt: Attempt<UploadTiroFileResult>,
  ): Promise<UploadTiroFileResult> {
    const { signal: cancelled } = attempt;
    const media = await openSource(source.uri, source.fingerprint);
    try {
      const connection = await connect('tiro', credential);
      // Not cut short by a cancellation: the answer holds the id.
      const { id, uploadUri } = await createTiroJob(connection, options, AbortSignal.timeout(45_000));
      const made = { jobId: id, uploaded: false, abandoned };
      attempt.remember(made);
      // The address is a secret and is handed out once, so it lives and dies in this attempt.
      const signal = AbortSignal.any([cancelled, AbortSignal.timeout(uploadAddressLifeMs / pace.timeScale)]);
      const operation = 'upload the file to Tiro';
      const put = () =>
        putToStorage(connection.agents, {
          operation,
          url: uploadUri,
          headers: { 'content-type': source.mediaType },
          body: media.read({ start: 0, end: source.sizeBytes }, signal),
          sizeBytes: source.sizeBytes,
          signal,
        });
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
      return { ...made, uploaded: true };
    } finally {
      await media.close();
    }
  }

  /** Tells Tiro that the file is there; whatever it answers, the job itself says whether that took. */
  async function completeUpload({ jobId, credential }: Credential & { jobId: string }, attempt: Attempt<never>) {
    const connection = await connect('tiro', credential);
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

  return {
    calls: { completeTiroUpload: patiently(pace, 'exists', completeUpload) },
    transfers: {
      /** Creates a job and uploads the file to the address that only this answer holds. */
      uploadTiroFile: patiently(
        pace,
        'before',
        async (input: UploadTiroFileInput, attempt: Attempt<UploadTiroFileResult>) => {
          const before = attempt.memory;
          if (before?.uploaded === true) return before;
          const abandoned = before === null ? [] : [...before.abandoned, before.jobId];
          const result = await createAndUpload(input, abandoned, attempt);
          attempt.remember(result);
          return result;
        },
      ),

      collectTiroResults: createCollectTiroResults(dependencies),
    },
  };
}

/** The activities of one provider by the queue that they run on. */
export type TiroActivities = ReturnType<typeof createTiroActivities>;
