import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { JobFailureDetails, JobNotice, JobOutcome } from '../contract/job.ts';
import type { Phase } from '../snapshot.ts';
import { type MediaPipelineInput, type PipelineJob, type PipelineStep, stepName } from '../contract/pipeline.ts';
import { startJob } from '../workflow-api.ts';
import { lifecycleWorkflowId } from '../contract/workflow-ids.ts';

/** One step of a running pipeline: what was heard of it, and its job's result once that is in. */
export interface StepRun {
  step: PipelineStep;
  /** The child's place; null until it was started. */
  runId: string | null;
  notice: JobNotice | null;
  job: PipelineJob;
  ended: boolean;
  cancel(): void;
  /** Resolves with the child's result, whatever it is. */
  result: Promise<void>;
}

/** A step before it was started. */
export function emptyJob(step: PipelineStep, key: string): PipelineJob {
  return {
    step: stepName(step),
    provider: step.provider,
    workflowId: lifecycleWorkflowId(step.provider, key),
    ...{ runId: null, resource: null, jobId: null, phase: null, status: null, recognised: null },
    ...{ statusCalls: 0, artifacts: [], cleanup: null },
    failure: { type: 'NotStarted', message: 'the pipeline ended before this step' },
  };
}

function fromOutcome(outcome: JobOutcome): Partial<PipelineJob> {
  const { resource, jobId, phase, status, recognised, statusCalls, artifacts, files } = outcome;
  const known = { resource, jobId, phase, status, recognised, statusCalls, artifacts, failure: null };
  return { ...known, ...(files === undefined ? {} : { files }) };
}

function fromDetails(failure: ApplicationFailure): Partial<PipelineJob> {
  const [details] = (failure.details ?? []) as [JobFailureDetails?];
  if (details === undefined) return {};
  const { resource, jobId, statusCalls, snapshot } = details;
  const { phase = null, status = null, recognised = null } = snapshot ?? {};
  return { resource, jobId, statusCalls, phase, status, recognised };
}

function fromError(error: unknown): Partial<PipelineJob> {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  const failure = (type: string, message: string) => ({ failure: { type, message } });
  if (cause instanceof ApplicationFailure) {
    return { ...fromDetails(cause), ...failure(cause.type ?? 'Error', cause.message) };
  }
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return failure('KeyInUse', `the key of this step already belongs to ${error.workflowId}`);
  }
  if (isCancellation(error) || cause instanceof CancelledFailure) return failure('Cancelled', 'the job was cancelled');
  if (cause instanceof TerminatedFailure) return failure('Terminated', 'the job was terminated');
  if (cause instanceof TimeoutFailure) return failure('TimedOut', "the job's workflow timed out");
  throw error;
}

function fromNotice({ resource, jobId, phase, artifacts, cleanup }: JobNotice): Partial<PipelineJob> {
  return { resource, jobId, phase, artifacts, cleanup };
}

/** Starts a step's job in a scope of its own, so that the others can be cancelled without it. */
export function startStep(step: PipelineStep, key: string, input: MediaPipelineInput): StepRun {
  const scope = new CancellationScope();
  const run: StepRun = {
    step,
    runId: null,
    notice: null,
    job: emptyJob(step, key),
    ended: false,
    cancel: () => {
      scope.cancel();
    },
    result: Promise.resolve(),
  };
  // What the last notice knew is kept where the result says nothing, for instance after a termination.
  const end = (facts: Partial<PipelineJob>) => {
    const heard = run.notice === null ? {} : fromNotice(run.notice);
    run.job = { ...run.job, runId: run.runId, ...heard, ...facts };
    run.ended = true;
  };
  run.result = scope.run(async () => {
    try {
      const { source, mediaType, durationSeconds, notify } = input;
      const jobInput = { mediaType, durationSeconds, ...step.options, source, notify };
      const child = await startJob(step.provider, jobInput, { key });
      run.runId = child.firstExecutionRunId;
      end({ ...fromOutcome(await child.result()) });
    } catch (error) {
      end(fromError(error));
    }
  });
  return run;
}

/** Takes a notice in; each job counts once, by workflow id and run id, whatever arrives first or twice. */
export function hear(runs: readonly StepRun[], notice: JobNotice): void {
  const run = runs.find(
    ({ job, runId }) => job.workflowId === notice.workflowId && (runId ?? notice.runId) === notice.runId,
  );
  if (run === undefined) log.warn('A notice of a job that is not ours was ignored', { workflowId: notice.workflowId });
  else run.notice ??= notice;
}

/** The phase that is known of a step, from its notice or its result, whichever came first. */
export function phaseOf({ notice, job, ended }: StepRun): Phase | null {
  if (ended) return job.failure === null ? job.phase : null;
  return notice?.failure === null ? notice.phase : null;
}

/** Whether a step's job has ended, as far as was heard. */
export function isSettled({ notice, ended }: StepRun): boolean {
  return ended || notice !== null;
}

/** Whether a step's job ended as wanted. */
export function isSuccess(run: StepRun): boolean {
  const phase = phaseOf(run);
  return phase === 'succeeded' || (run.step.acceptPartial === true && phase === 'partially-succeeded');
}
