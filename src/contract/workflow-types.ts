import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';

/** The workflow type of each provider's lifecycle, as it shows in the Web UI. */
export const lifecycleWorkflowTypes = {
  soket: 'soketTranscription',
  twelvelabs: 'twelvelabsUpload',
  tiro: 'tiroTranscription',
  slng: 'slngTranscription',
} as const satisfies Record<LifecycleProvider, string>;

/** Follows one resource by id; nothing is created. */
export const trackWorkflowType = 'trackJob';

/** Runs several jobs over one media file. */
export const pipelineWorkflowType = 'mediaPipeline';

/** Starts one pipeline for each new media file of a directory. */
export const ingestWorkflowType = 'ingest';

/** Removes what lost jobs left behind at providers. */
export const sweepWorkflowType = 'sweep';

/** Removes at providers what jobs made that are done and stored. */
export const retentionWorkflowType = 'retention';
