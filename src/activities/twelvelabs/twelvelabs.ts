import type { Artifact, Cleanup } from '../../contract/job.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isAbsent, isProviderError } from '../../providers/connection/provider-error.ts';
import { asset } from '../../providers/twelvelabs/asset.ts';
import { deleteTwelveLabsAsset, readTwelveLabsAsset } from '../../providers/twelvelabs/twelvelabs-asset-calls.ts';
import { twelvelabsCleaning } from '../../providers/twelvelabs/twelvelabs-cleaning.ts';
import { isTerminal } from '../../snapshot.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider, type OfCredential } from '../at-provider.ts';
import { collecting, type CollectInput } from '../collecting.ts';
import type { Attempt } from '../patience/attempt.ts';
import { createUploadTwelveLabsChunks } from './chunks.ts';
import { createUpload } from './create.ts';
import { withFirstLook } from '../wait/first-look.ts';

interface AssetInput extends OfCredential {
  assetId: string;
}

/** Takes back an asset that is not finished; a session cannot be ended, but without its asset it is of no use. */
async function cleanUp(
  connection: ProviderConnection,
  { assetId }: AssetInput,
  { signal }: Attempt<never>,
): Promise<Cleanup> {
  try {
    const { phase } = asset.read(await readTwelveLabsAsset(connection, assetId, signal));
    if (isTerminal(phase)) return 'already-finished';
    const end = await deleteTwelveLabsAsset(connection, assetId, signal);
    return end === 'deleted' ? 'cancelled' : 'not-supported';
  } catch (error) {
    // An asset that was reserved and never filled may be unknown to both calls, and then there is none to delete.
    if (isAbsent(error)) return 'cancelled';
    if (isProviderError(error, 'rejected')) return 'not-supported';
    throw error;
  }
}

/** What TwelveLabs needs done: create a session, send chunks, describe the asset, tidy up. */
export function createTwelveLabsActivities(dependencies: ActivityDependencies) {
  const atTwelveLabs = atProvider(dependencies, 'twelvelabs');
  const collect = collecting(
    dependencies,
    'twelvelabs',
    async (connection, { assetId }: AssetInput & CollectInput, shelf, signal) => {
      await shelf.putJson('asset.json', await readTwelveLabsAsset(connection, assetId, signal));
      return {};
    },
  );
  return {
    calls: {
      createTwelveLabsUpload: atTwelveLabs('before', createUpload),
      cleanUpTwelveLabsUpload: atTwelveLabs('exists', cleanUp),
    },
    transfers: {
      uploadTwelveLabsChunks: withFirstLook(
        dependencies,
        ['twelvelabs', 'multipart-upload'],
        createUploadTwelveLabsChunks(dependencies),
      ),
      /** Writes the asset, as TwelveLabs describes it, to the result store. */
      collectTwelveLabsAsset: async (input: AssetInput & CollectInput): Promise<Artifact[]> =>
        (await collect(input)).artifacts,
    },
    cleaning: twelvelabsCleaning,
  };
}

/** The activities of one provider by the queue that they run on. */
export type TwelveLabsActivities = ReturnType<typeof createTwelveLabsActivities>;
