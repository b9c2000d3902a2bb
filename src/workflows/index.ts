import { mostSteps, pipelineStrategies } from '../contract/pipeline.ts';
import { lifecycleWorkflowTypes } from '../contract/workflow-types.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';
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
  readResource,
  required,
  text,
  withCheckedInput,
  workflowIds,
} from './frame/checked-input.ts';
import { refuseJob } from './frame/lifecycle.ts';
import { ingest as takeIn } from './ingest.ts';
import { mediaPipeline as runSteps } from './media-pipeline.ts';
import { refusePipeline } from './pipeline-end.ts';
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
const providers = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];

export const soketTranscription = withCheckedInput(soket, { rules: job, refuse: refuseJob('soket', 'batch') });
export const twelvelabsUpload = withCheckedInput(twelvelabs, { rules: job, refuse: refuseJob('twelvelabs', 'asset') });
export const tiroTranscription = withCheckedInput(tiro, { rules: job, refuse: refuseJob('tiro', 'voice-file-job') });
export const slngTranscription = withCheckedInput(slng, { rules: job, refuse: refuseJob('slng', 'batch-job') });

const tracked = {
  ...job,
  provider: required(text(64)),
  resource: required(text(64)),
  id: required(text()),
  deadlineMs: milliseconds,
};

export const trackJob = withCheckedInput(track, {
  rules: tracked,
  all: {
    ...tracked,
    observe: oneOf(['phases', 'terminal']),
    collect: flag,
    translationLocales: listOfTexts(text(64), 100),
  },
  async refuse(input, refusal) {
    const provider = providers.find((each) => each === input.provider);
    // Who is told of a job is told of a provider that there is.
    if (provider === undefined) throw refusal;
    return refuseJob(provider, readResource(input))(input, refusal);
  },
});

const step = { provider: required(oneOf(providers)), name: text(60) };
const steps = listOf({ ...step, options: object, acceptPartial: flag }, { most: mostSteps });
const pipeline = {
  source: required(text(10_000)),
  steps: required(listOf(step, { isOpen: true })),
  strategy: oneOf(pipelineStrategies),
  notify: workflowIds,
};

export const mediaPipeline = withCheckedInput(runSteps, {
  rules: pipeline,
  all: { ...pipeline, steps: required(steps), mediaType: text(), durationSeconds: positive },
  refuse: refusePipeline,
});

const watched = { directory: required(text(10_000)) };

export const ingest = withCheckedInput(takeIn, {
  rules: watched,
  all: {
    ...watched,
    // The scan checks what these hold.
    steps: anything,
    strategy: anything,
    settleFor: anything,
    retryFailed: anything,
    extensions: anything,
  },
});

const accounts = { providers: required(listOfTexts(oneOf(providers), 4)) };

const swept = { ...accounts, credentials: listOfTexts(text(64), 10), delete: flag };
const kept = { ...accounts, delete: flag };

export const sweep = withCheckedInput(removeLeft, { rules: swept, all: { ...swept, olderThan: anything } });
export const retention = withCheckedInput(removeStored, { rules: kept, all: { ...kept, olderThan: anything } });
