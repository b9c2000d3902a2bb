import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobResult } from '../contract/job.ts';
import { jobResultOf, readFailureDetails } from '../contract/job-result.ts';
import {
  type MediaPipelineInput,
  notStarted,
  type PipelineJob,
  type PipelineStep,
  stepName,
} from '../contract/pipeline.ts';
import type { Again } from '../contract/again.ts';
import { startOrJoin } from '../workflow-api/start-or-join.ts';
import { lifecycleWorkflowId } from '../contract/workflow-ids.ts';
import { hear, isSettled, type StepRun, withoutTime } from './step-run.ts';

/** A step before it was started. */
export function emptyJob(step: PipelineStep, key: string): PipelineJob {
  const { provider } = step;
  const place = { step: stepName(step), workflowId: lifecycleWorkflowId(provider, key), runId: null, provider };
  return jobResultOf(place, { failure: notStarted });
}

function fromError(error: unknown): Partial<JobResult> {
  const cause = error instanceof ChildWorkflowFailure || error instanceof ActivityFailure ? error.cause : error;
  const failure = (type: string, message: string) => ({ failure: { type, message } });
  if (cause instanceof ApplicationFailure) {
    return { ...readFailureDetails(cause.details?.[0]), ...failure(cause.type ?? 'Error', cause.message) };
  }
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return failure('KeyInUse', `the key of this step already belongs to ${error.workflowId}`);
  }
  if (isCancellation(error) || cause instanceof CancelledFailure) return failure('Cancelled', 'the job was cancelled');
  if (cause instanceof TerminatedFailure) return failure('Terminated', 'the job was terminated');
  if (cause instanceof TimeoutFailure) return failure('TimedOut', "the job's workflow timed out");
  throw error;
}

/** Starts a step's job in a scope of its own, so that the others can be cancelled without it. */
export function startStep(
  step: PipelineStep,
  key: string,
  input: MediaPipelineInput,
  again: Again | undefined,
): StepRun {
  const scope = new CancellationScope();
  const run: StepRun = {
    step,
    runId: null,
    notice: null,
    early: [],
    job: emptyJob(step, key),
    ended: false,
    isOthers: false,
    isLetGo: false,
    cancel: () => {
      scope.cancel();
    },
    result: Promise.resolve(),
  };
  // What the last notice knew is kept where the result says nothing, for instance after a termination.
  const end = (facts: Partial<JobResult>) => {
    const heard = run.notice === null ? {} : withoutTime(run.notice);
    const { step: name, workflowId, provider } = run.job;
    run.job = jobResultOf({ step: name, workflowId, runId: run.runId, provider }, { ...heard, ...facts });
    run.ended = true;
  };
  run.result = scope.run(async () => {
    try {
      const { source, mediaType, durationSeconds, notify } = input;
      const jobInput = { mediaType, durationSeconds, ...step.options, source, notify };
      const { acceptPartial } = step;
      const { taskQueue } = workflowInfo();
      const wanted = { key, taskQueue, resumes: true, again, acceptPartial };
      const child = await startOrJoin(step.provider, jobInput, wanted);
      run.runId = child.firstExecutionRunId;
      run.isOthers = child.isOthers === true;
      for (const notice of run.early.splice(0)) hear([run], notice);
      end(await child.result());
    } catch (error) {
      end(fromError(error));
    }
  });
  return run;
}

/**
 * Lets go of a step whose job is not wanted any more: returns as soon as Temporal has told the job, which tidies up and
 * tells of its end by itself. A job that has ended meanwhile is as it ended.
 */
export async function letGo(run: StepRun): Promise<void> {
  await condition(() => run.runId !== null || run.ended);
  if (isSettled(run) || run.runId === null) return;
  try {
    if (!run.isOthers) await getExternalWorkflowHandle(run.job.workflowId, run.runId).cancel();
  } catch (error) {
    if (isCancellation(error)) throw error;
    // It has closed, and its result is on the way.
    return;
  }
  if (isSettled(run)) return;
  run.isLetGo = true;
  const whatNow = run.isOthers ? 'it was joined, and goes on' : 'this one is still tidying up';
  const failure = { type: 'Cancelled', message: `another job won the race; ${whatNow}` };
  run.job = { ...run.job, runId: run.runId, failure };
}
