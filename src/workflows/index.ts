import { pipelineStrategies } from '../contract/pipeline.ts';
import { lifecycleWorkflowTypes } from '../contract/workflow-types.ts';
import { retention as removeStored, sweep as removeLeft } from './cleaning.ts';
import {
  anything,
  listOf,
  listOfTexts,
  flag,
  oneOf,
  milliseconds,
  object,
  positive,
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

const tracked = {
  ...job,
  provider: required(text(64)),
  resource: required(text(64)),
  id: required(text()),
  deadlineMs: milliseconds,
};

export const trackJob = withCheckedInput(track, tracked, {
  ...tracked,
  observe: oneOf(['phases', 'terminal']),
  collect: flag,
  translationLocales: listOfTexts(text(64), 100),
});

const step = { provider: required(oneOf(Object.keys(lifecycleWorkflowTypes))), name: text(60) };
const steps = listOf({ ...step, options: object, acceptPartial: flag });
const pipeline = {
  source: required(text(10_000)),
  steps: required(listOf(step, { isOpen: true })),
  strategy: oneOf(pipelineStrategies),
  notify: workflowIds,
};

export const mediaPipeline = withCheckedInput(runSteps, pipeline, {
  ...pipeline,
  steps,
  mediaType: text(),
  durationSeconds: positive,
});

const watched = { directory: required(text(10_000)) };

export const ingest = withCheckedInput(takeIn, watched, {
  ...watched,
  // The scan checks what these hold.
  steps: anything,
  strategy: anything,
  settleFor: anything,
  retryFailed: anything,
  extensions: anything,
});

const accounts = { providers: required(listOfTexts(oneOf(Object.keys(lifecycleWorkflowTypes)), 4)) };

const swept = { ...accounts, credentials: listOfTexts(text(64), 10), delete: flag };
const kept = { ...accounts, delete: flag };

export const sweep = withCheckedInput(removeLeft, swept, { ...swept, olderThan: anything });

export const retention = withCheckedInput(removeStored, kept, { ...kept, olderThan: anything });
