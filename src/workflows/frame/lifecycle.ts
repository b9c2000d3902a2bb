import { ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Cleanup, FileOutcome, JobFailureDetails, JobOutcome, JobResult } from '../../contract/job.ts';
import { jobResultOf } from '../../contract/job-result.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import { type JobPhaseNews, jobPhaseSignal, type JobState, jobSnapshotQuery } from '../../contract/messages.ts';
import type { ProviderName } from '../../providers/registry.ts';
import { readNotify, type Refuse } from './checked-input.ts';
import { countEnd } from './count-end.ts';
import { readFailureFacts } from './failure-facts.ts';
import { keepOutcome } from './keep-outcome.ts';
import { type LifecycleInput, LifecycleRun } from './lifecycle-run.ts';
import { notifyParents } from './notify-parents.ts';

const jobSnapshot = defineQuery<JobState>(jobSnapshotQuery);
const jobPhase = defineSignal<[news: JobPhaseNews]>(jobPhaseSignal);

/** What a course ends with: the last snapshot of the job. */
export interface CourseEnd {
  snapshot: JobSnapshot;
  files?: FileOutcome[];
}

/** A lifecycle, its input, and what its end is told to. */
export interface LifecycleOptions {
  provider: ProviderName;
  resource: string;
  input: LifecycleInput;
  deadlineMs?: number;
  /** False for a run that records the end of its job alone. Default true. */
  hearsPhases?: boolean;
  /** False for a job of which nothing is stored. Default true. */
  keepsOutcome?: boolean;
}

type End = Pick<JobResult, 'failure' | 'cleanup' | 'files'>;

function resultOf(run: LifecycleRun, end: End) {
  const { workflowId, runId, startTime } = workflowInfo();
  const { provider, resourceName: resource, jobId, ids, artifacts, missing, media, statusCalls, snapshot } = run;
  const { status = null, recognised = null, message = null } = snapshot ?? {};
  // A resource on the way has phases of its own; the last look at the job itself may know more than its last report.
  const seen = snapshot?.resource === resource && !run.isStep && !isTerminal(run.phase) ? snapshot.phase : null;
  const job = { resource, jobId, ids, phase: seen ?? run.phase, status, recognised, message };
  const times = { startedAt: startTime.toISOString(), endedAt: new Date().toISOString() };
  const known = { ...job, ...end, artifacts, missing, statusCalls, media, ...times };
  return jobResultOf({ workflowId, runId, provider, endedAt: times.endedAt }, known);
}

/** Writes down how the job ended, tells everybody who wants to hear of it, and counts it. */
async function close(run: LifecycleRun, { input, keepsOutcome = true }: LifecycleOptions, end: End) {
  const result = resultOf(run, end);
  const outcome = keepsOutcome ? await keepOutcome(run, result) : null;
  const told = { ...result, outcome };
  await notifyParents(input.notify ?? [], { ...told, at: told.endedAt });
  countEnd(told);
  return told;
}

async function cleanUp(run: LifecycleRun): Promise<Cleanup> {
  if (run.cleanUp === null) return isTerminal(run.phase) ? 'already-finished' : 'not-supported';
  try {
    return await run.cleanUp();
  } catch {
    return 'failed';
  }
}

async function endCancelled(run: LifecycleRun, options: LifecycleOptions): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    run.say('cancelled; tidying up at the provider');
    const cleanup = await cleanUp(run);
    // The SDK drops the details of a cancellation, so what became of the job is written down before the close.
    upsertMemo({ cleanup, ids: run.ids, media: run.media });
    run.say(`cancelled; clean-up at the provider: ${cleanup}`);
    await close(run, options, { failure: { type: 'Cancelled', message: run.stage }, cleanup });
  });
}

/**
 * The frame of every lifecycle: answers the `jobSnapshot` query, runs the course, and at every end that our code
 * sees (outcome, failure, cancellation) tells the parents. A cancellation is read from the scope, not the error.
 */
export async function runLifecycle(
  options: LifecycleOptions,
  course: (run: LifecycleRun) => Promise<CourseEnd>,
): Promise<JobOutcome> {
  const { provider, resource, input } = options;
  const run = new LifecycleRun(provider, resource, input, options);
  setHandler(jobSnapshot, () => run.state());
  setHandler(jobPhase, (news) => run.hear?.(news));
  try {
    const { snapshot, ...end } = await course(run);
    run.snapshot = snapshot;
    run.jobId ??= snapshot.id;
    run.reached(snapshot.phase);
    run.say(`finished: ${snapshot.phase ?? 'phase unknown'}`);
    // The course ends in a terminal phase, and what is known then is all that an outcome has.
    return (await close(run, options, { ...end, failure: null, cleanup: null })) as JobOutcome;
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) {
      await endCancelled(run, options);
      // An attempt that failed while the cancellation was under way must not close as Failed what the notice calls cancelled.
      throw isCancellation(error) ? error : new CancelledFailure('Workflow cancelled');
    }
    const facts = readFailureFacts(error);
    if (facts === null) throw error;
    const { type } = facts;
    // Core ends the whole worker for a failure with half a character in it, as is left where a name was cut.
    const message = facts.message.toWellFormed();
    run.snapshot = facts.snapshot ?? run.snapshot;
    run.statusCalls = Math.max(run.statusCalls, facts.statusCalls ?? 0);
    run.failed(type, message);
    const result = await close(run, options, { failure: { type, message }, cleanup: null });
    const details: JobFailureDetails = { ...result, snapshot: run.snapshot };
    throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [details] });
  }
}

/** Ends a job whose input is refused as any other that fails: it is told, counted, and found by its failure. */
export function refuseJob(provider: ProviderName, resource: string): Refuse<JobOutcome> {
  return (input, refusal) => {
    const options = { provider, resource, input: { notify: readNotify(input) } };
    return runLifecycle({ ...options, hearsPhases: false, keepsOutcome: false }, () => Promise.reject(refusal));
  };
}
