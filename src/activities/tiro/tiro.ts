import { activityInfo, cancellationDetails } from '@temporalio/activity';
import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { putToStorage } from '../../providers/connection/storage.ts';
import { completeTiroUpload, createTiroJob, type CreateTiroJobOptions } from '../../providers/tiro/tiro-calls.ts';
import { voiceFileJob } from '../../providers/tiro/voice-file-job.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { type Pulse, heartbeating } from '../heartbeating.ts';
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
  const { connect, openSource, timeScale } = dependencies;
  async function createAndUpload(
    { source, options, credential }: UploadTiroFileInput,
    abandoned: string[],
    pulse: Pulse<UploadTiroFileResult | null>,
    cancelled: AbortSignal,
  ): Promise<UploadTiroFileResult> {
    const media = await openSource(source.uri, source.fingerprint);
    try {
      const connection = await connect('tiro', credential);
      // Not cut short by a cancellation: the answer holds the id.
      const { id, uploadUri } = await createTiroJob(connection, options, AbortSignal.timeout(45_000));
      const made = { jobId: id, uploaded: false, abandoned };
      void pulse.remember(made);
      // The address is a secret and is handed out once, so it lives and dies in this attempt.
      const signal = AbortSignal.any([cancelled, AbortSignal.timeout(uploadAddressLifeMs / timeScale)]);
      try {
        await putToStorage(connection.agents, {
          operation: 'upload the file to Tiro',
          url: uploadUri,
          headers: { 'content-type': source.mediaType },
          body: media.read({ start: 0, end: source.sizeBytes }, signal),
          sizeBytes: source.sizeBytes,
          signal,
        });
      } catch (error) {
        // The attempt that another worker makes begins with a new job; after a cancellation none comes.
        if (cancellationDetails()?.workerShutdown === true) cancelled.throwIfAborted();
        if (cancelled.aborted) return made;
        if (!signal.aborted) throw error;
        const words = 'the upload address expired before the file was through';
        throw new ProviderError({ kind: 'storage-refused', operation: 'upload the file to Tiro', words });
      }
      return { ...made, uploaded: true };
    } finally {
      await media.close();
    }
  }

  return {
    calls: {
      /** Tells Tiro that the file is there; a lost answer or a conflict is settled by reading the job. */
      async completeTiroUpload({ jobId, credential }: Credential & { jobId: string }): Promise<void> {
        const target = { provider: 'tiro', name: 'voice-file-job', resource: voiceFileJob, id: jobId };
        await heartbeating(null, async (_pulse, signal) => {
          const connection = await connect('tiro', credential);
          try {
            await completeTiroUpload(connection, jobId, signal);
          } catch (error) {
            if (!isProviderError(error, 'conflict', 'unavailable', 'unexpected-response')) throw error;
            const { snapshot } = await observeResource(connection, target, signal);
            if (snapshot.phase === null || snapshot.phase === 'awaiting-upload') throw error;
          }
        });
      },
    },
    transfers: {
      /** Creates a job and uploads the file to the address that only this answer holds. */
      async uploadTiroFile(input: UploadTiroFileInput): Promise<UploadTiroFileResult> {
        const before = activityInfo().heartbeatDetails as UploadTiroFileResult | null | undefined;
        if (before?.uploaded === true) return before;
        const abandoned = before ? [...before.abandoned, before.jobId] : [];
        return heartbeating<UploadTiroFileResult | null, UploadTiroFileResult>(
          before ?? null,
          async (pulse, cancelled) => {
            const result = await createAndUpload(input, abandoned, pulse, cancelled);
            void pulse.remember(result);
            return result;
          },
        );
      },

      collectTiroResults: createCollectTiroResults(dependencies),
    },
  };
}

/** The activities of one provider by the queue that they run on. */
export type TiroActivities = ReturnType<typeof createTiroActivities>;
