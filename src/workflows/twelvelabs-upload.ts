import { workflowInfo } from '@temporalio/workflow';
import type { TwelveLabsActivities } from '../activities/twelvelabs/twelvelabs.ts';
import type { JobOutcome } from '../contract/job.ts';
import type { LifecycleInputs } from '../providers/lifecycle-inputs.ts';
import { awaitEnd } from './frame/await-end.ts';
import { inspectMedia } from './frame/inspect-media.ts';
import { runLifecycle } from './frame/lifecycle.ts';
import { fillTwelveLabsAsset } from './twelvelabs-fill-asset.ts';

/** From a media file to an asset at TwelveLabs that is ready to be indexed or analysed. */
export async function twelvelabsUpload(input: LifecycleInputs['twelvelabs']): Promise<JobOutcome> {
  const { credential } = input;
  return runLifecycle({ provider: 'twelvelabs', resource: 'asset', input }, async (run) => {
    const { source } = await inspectMedia(run, input);
    const assetId = await fillTwelveLabsAsset(run, input, source);

    // A completed session means received; the asset is of use once it was looked through.
    const snapshot = await awaitEnd(run, {
      resource: 'asset',
      id: assetId,
      observe: 'terminal',
      startedAtMs: Date.now(),
      summary: 'Wait for TwelveLabs to make the asset ready',
    });
    if (snapshot.phase !== 'succeeded') return { snapshot };

    const { collectTwelveLabsAsset } = run.activities<TwelveLabsActivities['transfers']>(
      'collect',
      'collects',
      'Store the description of the asset',
    );
    run.artifacts = await collectTwelveLabsAsset({ assetId, folder: workflowInfo().workflowId, credential });
    return { snapshot };
  });
}
