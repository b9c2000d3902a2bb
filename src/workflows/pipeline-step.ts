import {
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
  log,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobNotice, JobResult } from '../contract/job.ts';
import { jobResultOf, readFailureDetails } from '../contract/job-result.ts';
import type { Phase } from '../snapshot.ts';
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

/** One step of a running pipeline: what was heard of it, and its job's result once that is in. */
export interface StepRun {
  step: PipelineStep;
  /** The child's place; null until it was started. */
  runId: string | null;
  notice: JobNotice | null;
  job: PipelineJob;
  ended: boolean;
  /** Whether it is somebody else's job, which was joined. */
  isOthers: boolean;
  /** Whether the job was told to end and is left to do so by itself. */
  isLetGo: boolean;
  cancel(): void;
  /** Resolves with the child's result, whatever it is. */
  result: Promise<void>;
}

/** A step before it was started. */
export function emptyJob(step: PipelineStep, key: string): PipelineJob {
  const { provider } = step;
  const place = { step: stepName(step), workflowId: lifecycleWorkflowId(provider, key), runId: null, provider };
  return jobResultOf(place, { failure: notStarted });
}

function fromError(error: unknown): Partial<JobResult> {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
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

function withoutTime(notice: JobNotice): JobResult {
  const result: Partial<JobNotice> = { ...notice };
  delete result.at;
  return result as JobResult;
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

/**
 * Takes a notice in; each job counts once, by workflow id and run id, whatever arrives first or twice. One that failed and
 * was resumed by hand ends anew, in another run.
 */
export function hear(runs: readonly StepRun[], notice: JobNotice): void {
  const ours = runs.find(({ job }) => job.workflowId === notice.workflowId);
  const isResumed = ours?.ended === true && ours.job.failure !== null && ours.runId !== notice.runId;
  if (isResumed && patched('hears-resumed-jobs')) {
    const { step, workflowId, provider } = ours.job;
    ours.job = jobResultOf({ step, workflowId, runId: notice.runId, provider }, withoutTime(notice));
    ours.runId = notice.runId;
    return;
  }
  const run = (ours?.runId ?? notice.runId) === notice.runId ? ours : undefined;
  if (run === undefined) log.warn('A notice of a job that is not ours was ignored', { workflowId: notice.workflowId });
  else run.notice ??= notice;
}

/** The phase that is known of a step, from its notice or its result, whichever came first. */
export function phaseOf({ notice, job, ended }: StepRun): Phase | null {
  if (ended) return job.failure === null ? job.phase : null;
  return notice?.failure === null ? notice.phase : null;
}

/** Whether a step's job has ended, as far as was heard. */
export function isSettled({ notice, ended, isLetGo }: StepRun): boolean {
  return ended || isLetGo || notice !== null;
}

/** Whether a step's job ended as wanted. */
export function isSuccess(run: StepRun): boolean {
  const phase = phaseOf(run);
  return phase === 'succeeded' || (run.step.acceptPartial === true && phase === 'partially-succeeded');
}
