import { isProviderError } from '../../providers/connection/provider-error.ts';
import type { Artifact, Cleanup } from '../../contract/job.ts';
import { isTerminal } from '../../snapshot.ts';
import { asset } from '../../providers/twelvelabs/asset.ts';
import { deleteTwelveLabsAsset, readTwelveLabsAsset } from '../../providers/twelvelabs/twelvelabs-asset-calls.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { patiently } from '../patience/patiently.ts';
import { createUploadTwelveLabsChunks } from './chunks.ts';
import { createCreateTwelveLabsUpload } from './create.ts';

interface AssetInput {
  assetId: string;
  credential?: string | undefined;
}

/** An asset to be described in the result store. */
export interface CollectTwelveLabsAssetInput extends AssetInput {
  /** The folder in the result store. */
  folder: string;
}

/** What TwelveLabs needs done: create a session, send chunks, describe the asset, tidy up. */
export function createTwelveLabsActivities(dependencies: ActivityDependencies) {
  const { connect, results, ...pace } = dependencies;
  return {
    calls: {
      createTwelveLabsUpload: createCreateTwelveLabsUpload(dependencies),

      /** Takes back an asset that is not finished; a session cannot be ended, but without its asset it is of no use. */
      cleanUpTwelveLabsUpload: patiently(
        pace,
        'exists',
        async ({ assetId, credential }: AssetInput, { signal }): Promise<Cleanup> => {
          const connection = await connect('twelvelabs', credential);
          try {
            const { phase } = asset.read(await readTwelveLabsAsset(connection, assetId, signal));
            if (isTerminal(phase)) return 'already-finished';
            const end = await deleteTwelveLabsAsset(connection, assetId, signal);
            return end === 'deleted' ? 'cancelled' : 'not-supported';
          } catch (error) {
            // An asset that was reserved and never filled may be unknown to both calls, and then there is none to delete.
            if (isProviderError(error, 'not-found')) return 'cancelled';
            if (isProviderError(error, 'rejected')) return 'not-supported';
            throw error;
          }
        },
      ),
    },
    transfers: {
      uploadTwelveLabsChunks: createUploadTwelveLabsChunks(dependencies),

      /** Writes the asset, as TwelveLabs describes it, to the result store. */
      collectTwelveLabsAsset: patiently(
        pace,
        'exists',
        async ({ assetId, folder, credential }: CollectTwelveLabsAssetInput, { signal }): Promise<Artifact[]> => {
          const connection = await connect('twelvelabs', credential);
          const content = `${JSON.stringify(await readTwelveLabsAsset(connection, assetId, signal), null, 2)}\n`;
          return [await results.write(folder, 'asset.json', 'application/json', content, signal)];
        },
      ),
    },
  };
}

/** The activities of one provider by the queue that they run on. */
export type TwelveLabsActivities = ReturnType<typeof createTwelveLabsActivities>;
