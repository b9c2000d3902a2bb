import type { JobOutcome } from '../contract/job.ts';
import type { LifecycleInputs } from '../providers/lifecycle-inputs.ts';
import { collectTwelveLabs } from './collects.ts';
import { awaitEnd } from './frame/await-end.ts';
import { inspectMedia } from './frame/inspect-media.ts';
import { runLifecycle } from './frame/lifecycle.ts';
import { fillTwelveLabsAsset } from './twelvelabs-fill-asset.ts';

/** From a media file to an asset at TwelveLabs that is ready to be indexed or analysed. */
export async function twelvelabsUpload(input: LifecycleInputs['twelvelabs']): Promise<JobOutcome> {
  return runLifecycle({ provider: 'twelvelabs', resource: 'asset', input }, async (run) => {
    const { source } = await inspectMedia(run, input);
    const { assetId, firstLookInMs } = await fillTwelveLabsAsset(run, input, source);

    // A completed session means received; the asset is of use once it was looked through.
    const { snapshot } = await awaitEnd(run, {
      resource: 'asset',
      id: assetId,
      observe: 'terminal',
      startedAtMs: Date.now(),
      firstLookInMs,
      summary: 'Wait for TwelveLabs to make the asset ready',
    });
    if (snapshot.phase !== 'succeeded') return { snapshot };

    await collectTwelveLabs(run, assetId);
    return { snapshot };
  });
}
