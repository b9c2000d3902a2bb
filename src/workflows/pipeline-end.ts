import { ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type PipelineFinishedArguments, pipelineFinishedSignal } from '../contract/messages.ts';
import {
  type MediaPipelineInput,
  type PipelineJob,
  type PipelineNotice,
  type PipelineOutcome,
  stepsFailed,
} from '../contract/pipeline.ts';
import { providerJobFailureAttribute } from '../contract/search-attributes.ts';
import { keepPipelineOutcome } from './frame/keep-outcome.ts';
import { isVersion3 } from './frame/version.ts';

/** A pipeline on its way: how its jobs stand. */
export interface PipelineRun {
  jobs: () => PipelineJob[];
}

function failureOf(error: unknown): PipelineNotice['failure'] {
  if (CancellationScope.current().consideredCancelled) {
    return { type: 'Cancelled', message: 'the pipeline was cancelled' };
  }
  return error instanceof ApplicationFailure ? { type: error.type ?? 'Error', message: error.message } : null;
}

/** Signals the end to the parent and to every workflow in `notify`; one that is gone is logged, never a failure. */
async function tell({ notify = [] }: MediaPipelineInput, end: Omit<PipelineNotice, 'workflowId' | 'runId' | 'at'>) {
  const { workflowId, runId, parent } = workflowInfo();
  const receivers = new Set(parent === undefined ? notify : [parent.workflowId, ...notify]);
  if (receivers.size === 0 || !isVersion3()) return;
  const notice: PipelineNotice = { workflowId, runId, ...end, at: new Date().toISOString() };
  await CancellationScope.nonCancellable(() =>
    Promise.all(
      [...receivers].map(async (receiver) => {
        try {
          await getExternalWorkflowHandle(receiver).signal<PipelineFinishedArguments>(pipelineFinishedSignal, notice);
        } catch (error) {
          log.warn('A workflow that wanted to hear of the end is gone', { receiver, error: String(error) });
        }
      }),
    ),
  );
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
