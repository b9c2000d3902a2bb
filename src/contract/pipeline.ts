import { lifecycleWorkflowId, parseWorkflowId, stepKey } from './workflow-ids.ts';
import type { JobResult } from './job.ts';
import type { LifecycleInputs, LifecycleProvider } from '../providers/lifecycle-inputs.ts';

/**
 * How the steps of a pipeline go together: `all` runs every one and reports each; `first-success` tries them in order
 * until one succeeds; `race` starts them together, and the first success ends the pipeline and cancels the rest.
 */
export const pipelineStrategies = ['all', 'first-success', 'race'] as const;

/** How the steps of a pipeline go together. */
export type PipelineStrategy = (typeof pipelineStrategies)[number];

/** One job of a pipeline: whose, and with which of that provider's own options. */
export type PipelineStep = {
  [P in LifecycleProvider]: {
    provider: P;
    /** Tells steps apart; the provider's name where none is given. */
    name?: string | undefined;
    /** The provider's own options; the source comes from the pipeline. */
    options?: Omit<LifecycleInputs[P], 'source' | 'notify'> | undefined;
    /** Counts `partially-succeeded` as success in `first-success` and `race`. */
    acceptPartial?: boolean | undefined;
  };
}[LifecycleProvider];

/** Input of the `mediaPipeline` workflow: several jobs over one media file. */
export interface MediaPipelineInput {
  /** A `file:` or `https:` URI. */
  source: string;
  /** The media type, where it is known better than the file shows it; a step's own option wins. */
  mediaType?: string | undefined;
  /** The playing time, where it is known better than the file shows it; a step's own option wins. */
  durationSeconds?: number | undefined;
  steps: PipelineStep[];
  /** Default `all`. */
  strategy?: PipelineStrategy | undefined;
  /** Workflow ids that hear of every job's end, as the pipeline does. */
  notify?: string[] | undefined;
}

/** The failure of a step that was not started. */
export const notStarted = { type: 'NotStarted', message: 'the pipeline ended before this step' };

/** How one step of a pipeline ended; a step that was not started has the failure `NotStarted`. */
export interface PipelineJob extends JobResult {
  step: string;
  provider: LifecycleProvider;
}

/** How a pipeline ended: by its strategy, and job by job in the order of the steps. */
export interface PipelineOutcome {
  strategy: PipelineStrategy;
  /** `all`: every job succeeded; `first-success` and `race`: one did. */
  succeeded: boolean;
  jobs: PipelineJob[];
}

/** What a pipeline that succeeded leaves as `outcome.json` in the folder of its workflow id: its work is done. */
export interface StoredPipelineOutcome extends PipelineOutcome {
  workflowId: string;
  runId: string;
  /** ISO 8601. */
  startedAt: string;
  endedAt: string;
}

/** How many steps a pipeline may have. */
export const mostSteps = 50;

/** The failure type, as a search attribute, of a pipeline that ended without success. */
export const stepsFailed = 'StepsFailed';

/** The payload of the `pipelineFinished` signal: sent at every end that our code sees. */
export interface PipelineNotice extends PipelineOutcome {
  workflowId: string;
  runId: string;
  /** `null` for a pipeline with an outcome, also one whose jobs failed; else a failure type or `Cancelled`. */
  failure: { type: string; message: string } | null;
  /** When the pipeline ended, ISO 8601. */
  at: string;
}

/** A step of a pipeline, and the place of its job. */
export interface StepPlace {
  step: string;
  provider: LifecycleProvider;
  workflowId: string;
}

/** The steps of a pipeline in their order, with the places of their jobs whether started or not. */
export interface PipelineSteps {
  strategy: PipelineStrategy;
  steps: StepPlace[];
}

/** The memo's field that holds a pipeline's steps. */
export const stepsMemo = 'pipeline';

/** Key and name of a pipeline's step. */
export function stepName(step: PipelineStep): string {
  return step.name ?? step.provider;
}

/** The steps of a pipeline under a workflow id. */
export function stepsOf(workflowId: string, { steps, strategy = 'all' }: MediaPipelineInput): PipelineSteps {
  const parsed = parseWorkflowId(workflowId);
  const key = parsed?.kind === 'pipeline' ? parsed.key : workflowId;
  const placeOf = (step: PipelineStep): StepPlace => {
    const { provider } = step;
    const name = stepName(step);
    return { step: name, provider, workflowId: lifecycleWorkflowId(provider, stepKey(key, name)) };
  };
  return { strategy, steps: steps.map(placeOf) };
}
