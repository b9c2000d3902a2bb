import { ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  defineQuery,
  isCancellation,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Cleanup, JobFailureDetails, JobNotice, JobOutcome } from '../../contract/job.ts';
import type { TerminalPhase } from '../../snapshot.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import { type JobState, jobSnapshotQuery } from '../../contract/messages.ts';
import type { ProviderName } from '../../providers/registry.ts';
import { type FailureFacts, readFailureFacts } from './failure-facts.ts';
import { type LifecycleInput, LifecycleRun } from './lifecycle-run.ts';
import { notifyParents } from './notify-parents.ts';

const jobSnapshot = defineQuery<JobState>(jobSnapshotQuery);

/** What a course ends with: the last snapshot of the job. */
export interface CourseEnd {
  snapshot: JobSnapshot;
  files?: JobOutcome['files'];
}

function outcomeOf(run: LifecycleRun, { snapshot, files }: CourseEnd): JobOutcome {
  // A resource that is done on the way does not end the job: the course decides, and it ends in a terminal phase.
  const phase = isTerminal(run.phase) ? run.phase : (snapshot.phase as TerminalPhase);
  const { provider, resourceName: resource, ids, statusCalls, artifacts } = run;
  const { status, recognised, message } = snapshot;
  const jobId = run.jobId ?? snapshot.id;
  const known = { provider, resource, jobId, ids, phase, status, recognised, message };
  return { ...known, statusCalls, artifacts, ...(files === undefined ? {} : { files }) };
}

function noticeOf(run: LifecycleRun, end: Pick<JobNotice, 'failure' | 'cleanup'>): JobNotice {
  const { workflowId, runId } = workflowInfo();
  const { provider, resourceName: resource, jobId, phase, artifacts } = run;
  const known = { provider, resource, jobId, phase, artifacts };
  return { workflowId, runId, ...known, ...end, at: new Date().toISOString() };
}

function failureOf(run: LifecycleRun, facts: FailureFacts): ApplicationFailure {
  const { provider, resourceName: resource, jobId } = run;
  const snapshot = facts.snapshot ?? run.snapshot;
  const statusCalls = Math.max(run.statusCalls, facts.statusCalls ?? 0);
  const details: JobFailureDetails = { provider, resource, jobId, statusCalls, snapshot };
  return ApplicationFailure.create({
    type: facts.type,
    message: facts.message,
    nonRetryable: true,
    details: [details],
  });
}

async function cleanUp(run: LifecycleRun): Promise<Cleanup> {
  if (run.cleanUp === null) return isTerminal(run.phase) ? 'already-finished' : 'not-supported';
  try {
    return await run.cleanUp();
  } catch {
    return 'failed';
  }
}

async function endCancelled(run: LifecycleRun, notify: string[]): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    run.say('cancelled; tidying up at the provider');
    const cleanup = await cleanUp(run);
    // The SDK drops the details of a cancellation, so what became of the job is written down before the close.
    upsertMemo({ cleanup });
    run.say(`cancelled; clean-up at the provider: ${cleanup}`);
    await notifyParents(notify, noticeOf(run, { failure: { type: 'Cancelled', message: run.stage }, cleanup }));
  });
}

/**
 * The frame of every lifecycle: answers the `jobSnapshot` query, runs the course, and at every end that our code
 * sees (outcome, failure, cancellation) tells the parents. A cancellation is read from the scope, not the error.
 */
export async function runLifecycle(
  options: { provider: ProviderName; resource: string; input: LifecycleInput; deadlineMs?: number },
  course: (run: LifecycleRun) => Promise<CourseEnd>,
): Promise<JobOutcome> {
  const { provider, resource, input, deadlineMs } = options;
  const run = new LifecycleRun(provider, resource, input, deadlineMs);
  const notify = input.notify ?? [];
  setHandler(jobSnapshot, () => run.state());
  try {
    const end = await course(run);
    run.reached(end.snapshot.phase);
    const outcome = outcomeOf(run, end);
    run.say(`finished: ${outcome.phase}`);
    await notifyParents(notify, noticeOf(run, { failure: null, cleanup: null }));
    return outcome;
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) {
      await endCancelled(run, notify);
      // An attempt that failed while the cancellation was under way must not close as Failed what the notice calls cancelled.
      throw isCancellation(error) ? error : new CancelledFailure('Workflow cancelled');
    }
    const facts = readFailureFacts(error);
    if (facts === null) throw error;
    const failure = failureOf(run, facts);
    run.snapshot = facts.snapshot ?? run.snapshot;
    run.say(`${facts.type}: ${facts.message}`);
    await notifyParents(
      notify,
      noticeOf(run, { failure: { type: facts.type, message: facts.message }, cleanup: null }),
    );
    throw failure;
  }
}
