import { log, patched } from '@temporalio/workflow';
import type { JobNotice, JobResult } from '../contract/job.ts';
import { jobResultOf } from '../contract/job-result.ts';
import type { PipelineJob, PipelineStep } from '../contract/pipeline.ts';
import type { Phase } from '../snapshot.ts';

/** One step of a running pipeline: what was heard of it, and its job's result once that is in. */
export interface StepRun {
  step: PipelineStep;
  /** The child's place; null until it was started. */
  runId: string | null;
  notice: JobNotice | null;
  /** What was heard before it is known which run is this step's: perhaps of an earlier one. */
  early: JobNotice[];
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

/** How a job ended, as its notice says. */
export function withoutTime(notice: JobNotice): JobResult {
  const result: Partial<JobNotice> = { ...notice };
  delete result.at;
  return result as JobResult;
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
  if (ours !== undefined && ours.runId === null && !ours.ended && patched('holds-early-notices')) {
    ours.early.push(notice);
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
