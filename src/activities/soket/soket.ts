import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { soketCleaning } from '../../providers/soket/soket-cleaning.ts';
import { removeSoketFiles } from '../../providers/soket/soket-calls.ts';
import type { SoketUploadReference } from '../../providers/soket/soket-reference.ts';
import { readUploadedFiles } from '../../providers/soket/uploaded-files.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider, type OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { createCollectSoketResults } from './results.ts';
import { submitSoketUpload } from './submit.ts';
import { createUploadSoketFiles } from './upload.ts';
import { withFirstLook } from '../wait/first-look.ts';

/** An upload whose files are to go. */
export interface DeleteSoketUploadInput extends OfCredential {
  upload: SoketUploadReference;
  /** How many files were sent. */
  totalFiles: number;
}

/** Deletes an upload's files; files that are not there any more count as deleted. */
async function deleteUpload(
  connection: ProviderConnection,
  { upload, totalFiles }: DeleteSoketUploadInput,
  { signal }: Attempt<never>,
): Promise<void> {
  const { usable, failed } = await readUploadedFiles(connection, { upload, totalFiles, someFailed: false }, signal);
  const fileIds = [...usable, ...failed].map(({ id }) => id);
  await removeSoketFiles(connection, fileIds, signal);
}

/** What Soket needs done: upload, submit, collect, delete. */
export function createSoketActivities(dependencies: ActivityDependencies) {
  const atSoket = atProvider(dependencies, 'soket');
  return {
    calls: {
      submitSoketBatch: withFirstLook(dependencies, ['soket', 'batch'], atSoket('exists', submitSoketUpload)),
      deleteSoketUpload: atSoket('exists', deleteUpload),
    },
    transfers: {
      uploadSoketFiles: withFirstLook(dependencies, ['soket', 'upload'], createUploadSoketFiles(dependencies)),
      collectSoketResults: createCollectSoketResults(dependencies),
    },
    cleaning: soketCleaning,
  };
}

/** The activities of Soket by the queue that they run on. */
export type SoketActivities = ReturnType<typeof createSoketActivities>;
