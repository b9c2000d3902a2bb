import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { CancellationScope, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import {
  type MediaPipelineInput,
  type PipelineJob,
  type PipelineNotice,
  type PipelineOutcome,
  stepsFailed,
} from '../contract/pipeline.ts';
import { providerJobFailureAttribute } from '../contract/search-attributes.ts';
import { keepPipelineOutcome } from './frame/keep-outcome.ts';
import { receiversOf, tellPipelineFinished } from './frame/notify-parents.ts';
import { isVersion3 } from './frame/version.ts';

/** A pipeline on its way: how its jobs stand. */
export interface PipelineRun {
  jobs: () => PipelineJob[];
}

function failureOf(error: unknown): PipelineNotice['failure'] {
  if (CancellationScope.current().consideredCancelled) {
    return { type: 'Cancelled', message: 'the pipeline was cancelled' };
  }
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? { type: cause.type ?? 'Error', message: cause.message } : null;
}

/** Tells the end to whoever is to hear of it. */
async function tell({ notify = [] }: MediaPipelineInput, end: Omit<PipelineNotice, 'workflowId' | 'runId' | 'at'>) {
  const receivers = receiversOf(notify);
  if (receivers.size === 0 || !isVersion3()) return;
  const { workflowId, runId } = workflowInfo();
  await tellPipelineFinished(receivers, { workflowId, runId, ...end, at: new Date().toISOString() });
}

/**
 * Runs a pipeline's steps and tells its end, whichever way it ended; one with success leaves `outcome.json`, which means
 * done, and one without can be found by its failure.
 */
export async function tellPipelineEnd(
  input: MediaPipelineInput,
  pipeline: PipelineRun,
  runSteps: () => Promise<PipelineOutcome>,
): Promise<PipelineOutcome> {
  const { strategy = 'all' } = input;
  try {
    const outcome = await runSteps();
    if (isVersion3()) {
      if (outcome.succeeded) await keepPipelineOutcome(outcome);
      else upsertSearchAttributes([{ key: providerJobFailureAttribute, value: stepsFailed }]);
    }
    await tell(input, { ...outcome, failure: null });
    return outcome;
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== null) await tell(input, { strategy, succeeded: false, jobs: pipeline.jobs(), failure });
    throw error;
  }
}
