import { isProviderError } from '../../providers/connection/provider-error.ts';
import { deleteSoketFiles } from '../../providers/soket/soket-calls.ts';
import type { SoketUploadReference } from '../../providers/soket/soket-reference.ts';
import { readUploadedFiles } from '../../providers/soket/uploaded-files.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { patiently } from '../patience/patiently.ts';
import { createCollectSoketResults } from './results.ts';
import { createSubmitSoketBatch } from './submit.ts';
import { createUploadSoketFiles } from './upload.ts';

/** An upload whose files are to go. */
export interface DeleteSoketUploadInput {
  upload: SoketUploadReference;
  /** How many files were sent. */
  totalFiles: number;
  credential?: string | undefined;
}

/** What Soket needs done: upload, submit, collect, delete. */
export function createSoketActivities(dependencies: ActivityDependencies) {
  const { connect, ...pace } = dependencies;
  return {
    calls: {
      submitSoketBatch: createSubmitSoketBatch(dependencies),

      /** Deletes an upload's files; files that are not there any more count as deleted. */
      deleteSoketUpload: patiently(
        pace,
        'exists',
        async ({ upload, totalFiles, credential }: DeleteSoketUploadInput, { signal }) => {
          const connection = await connect('soket', credential);
          const remove = async (fileIds: string[]): Promise<void> => {
            try {
              await deleteSoketFiles(connection, fileIds, signal);
            } catch (error) {
              if (!isProviderError(error, 'not-found')) throw error;
              // One unknown id refuses all of them, and whether the others are gone then is not published.
              if (fileIds.length > 1) for (const fileId of fileIds) await remove([fileId]);
            }
          };
          const of = { upload, totalFiles, someFailed: false };
          const { usable, failed } = await readUploadedFiles(connection, of, signal);
          const fileIds = [...usable, ...failed].map(({ id }) => id);
          if (fileIds.length > 0) await remove(fileIds);
        },
      ),
    },
    transfers: {
      uploadSoketFiles: createUploadSoketFiles(dependencies),
      collectSoketResults: createCollectSoketResults(dependencies),
    },
  };
}

/** The activities of Soket by the queue that they run on. */
export type SoketActivities = ReturnType<typeof createSoketActivities>;
