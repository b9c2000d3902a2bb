import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { CancellationScope, defineQuery, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { pipelineStepsQuery } from '../contract/messages.ts';
import {
  type MediaPipelineInput,
  type PipelineJob,
  type PipelineNotice,
  type PipelineOutcome,
  type PipelineSteps,
  stepsFailed,
} from '../contract/pipeline.ts';
import { providerJobFailureAttribute } from '../contract/search-attributes.ts';
import { readFailureFacts } from './frame/failure-facts.ts';
import { keepPipelineOutcome } from './frame/keep-outcome.ts';
import { readNotify, type Refuse } from './frame/checked-input.ts';
import { receiversOf, tellPipelineFinished } from './frame/notify-parents.ts';
import { isVersion3, isVersion5 } from './frame/version.ts';

/** Asks a pipeline for its steps, in their order. */
export const pipelineSteps = defineQuery<PipelineSteps>(pipelineStepsQuery);

/** A pipeline on its way: how its jobs stand. */
export interface PipelineRun {
  jobs: () => PipelineJob[];
}

type Told = Pick<MediaPipelineInput, 'notify' | 'strategy'>;

function failureOf(error: unknown): PipelineNotice['failure'] {
  if (CancellationScope.current().consideredCancelled) {
    return { type: 'Cancelled', message: 'the pipeline was cancelled' };
  }
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Error', message: cause.message };
  // An activity that the server has ended; older code told nobody.
  const facts = error instanceof ActivityFailure && isVersion5() ? readFailureFacts(error) : null;
  return facts === null ? null : { type: facts.type, message: facts.message };
}

/** Tells the end to whoever is to hear of it. */
async function tell({ notify = [] }: Told, end: Omit<PipelineNotice, 'workflowId' | 'runId' | 'at'>) {
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
  input: Told,
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
    if (failure !== null) {
      if (failure.type !== 'Cancelled' && isVersion5()) {
        upsertSearchAttributes([{ key: providerJobFailureAttribute, value: failure.type }]);
      }
      await tell(input, { strategy, succeeded: false, jobs: pipeline.jobs(), failure });
    }
    throw error;
  }
}

/** Ends a pipeline whose input is refused: whoever waits is told, and it is found by its failure. */
export const refusePipeline: Refuse<PipelineOutcome> = (input, refusal) => {
  setHandler(pipelineSteps, () => ({ strategy: 'all', steps: [] }));
  return tellPipelineEnd({ notify: readNotify(input) }, { jobs: () => [] }, () => Promise.reject(refusal));
};
