import { pipelineStrategies } from '../contract/pipeline.ts';
import { lifecycleWorkflowTypes } from '../contract/workflow-types.ts';
import { retention as removeStored, sweep as removeLeft } from './cleaning.ts';
import {
  listOf,
  listOfTexts,
  flag,
  oneOf,
  milliseconds,
  required,
  text,
  withCheckedInput,
  workflowIds,
} from './frame/checked-input.ts';
import { ingest as takeIn } from './ingest.ts';
import { mediaPipeline as runSteps } from './media-pipeline.ts';
import { slngTranscription as slng } from './slng-transcription.ts';
import { soketTranscription as soket } from './soket-transcription.ts';
import { tiroTranscription as tiro } from './tiro-transcription.ts';
import { trackJob as track } from './track-job.ts';
import { twelvelabsUpload as twelvelabs } from './twelvelabs-upload.ts';

export type {
  FailedFile,
  IngestCounts,
  IngestInput,
  IngestResult,
  SkippedFile,
  StartedFile,
} from '../contract/ingest.ts';
export type { TrackJobInput } from '../contract/job.ts';
export type { PipelineOutcome } from '../contract/pipeline.ts';

const job = { credential: text(64), notify: workflowIds };

export const soketTranscription = withCheckedInput(soket, job);
export const twelvelabsUpload = withCheckedInput(twelvelabs, job);
export const tiroTranscription = withCheckedInput(tiro, job);
export const slngTranscription = withCheckedInput(slng, job);

export const trackJob = withCheckedInput(track, {
  ...job,
  provider: required(text(64)),
  resource: required(text(64)),
  id: required(text()),
  deadlineMs: milliseconds,
});

export const mediaPipeline = withCheckedInput(runSteps, {
  source: required(text(10_000)),
  steps: required(listOf({ provider: required(oneOf(Object.keys(lifecycleWorkflowTypes))), name: text(60) })),
  strategy: oneOf(pipelineStrategies),
  notify: workflowIds,
});

export const ingest = withCheckedInput(takeIn, { directory: required(text(10_000)) });

const accounts = { providers: required(listOfTexts(oneOf(Object.keys(lifecycleWorkflowTypes)), 4)) };

export const sweep = withCheckedInput(removeLeft, {
  ...accounts,
  credentials: listOfTexts(text(64), 10),
  delete: flag,
});

export const retention = withCheckedInput(removeStored, { ...accounts, delete: flag });
