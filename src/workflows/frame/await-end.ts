import { sleep } from '@temporalio/workflow';
import type { createFetchJobStatus } from '../../activities/wait/fetch-job-status.ts';
import type { FetchJobStatusInput, FetchJobStatusResult } from '../../activities/wait/wait.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { PollState } from '../../polling/poll-state.ts';
import type { LifecycleRun } from './lifecycle-run.ts';

type WaitActivities = { fetchJobStatus: ReturnType<typeof createFetchJobStatus> };

/** What to wait for. */
export interface AwaitEndInput {
  resource: string;
  id: string;
  /** With `attention` the snapshot that comes back may be of a job that goes on, but not without us. */
  observe?: 'phases' | 'terminal' | 'attention' | undefined;
  processingTime?: ProcessingTime | null;
  /** When the job began by the workflow's clock, epoch milliseconds; `null` for one that somebody else began. */
  startedAtMs: number | null;
  /** When to look first, as the activity that began the job has said where calls are limited. */
  firstLookInMs?: number | undefined;
  /** The job is begun by the wait itself. */
  begins?: boolean;
  /** The resource that is waited for next, where one follows at once; its first look is in `firstLookInMs` of the end. */
  next?: string;
  /** Plain words for the Web UI, for instance `wait for the transcription`. */
  summary: string;
  /** Whether this resource's phases are the job's own; false for a step on the way. Default true. */
  reportsPhase?: boolean;
}

/** The last snapshot of a resource, and when to look first at the one that follows. */
export interface AwaitedEnd {
  snapshot: JobSnapshot;
  firstLookInMs?: number | undefined;
}

/** Sleeps until the first look where it must not be booked, which would take a turn of a limited queue. */
async function comeToFirst(run: LifecycleRun, input: AwaitEndInput): Promise<FetchJobStatusInput['first']> {
  const { firstLookInMs, summary, begins } = input;
  if (!run.isVersion4) return undefined;
  if (begins === true) return 'begin';
  if (firstLookInMs === undefined) return undefined;
  await sleep(Math.min(firstLookInMs, run.deadline.leftMs), { summary: `First look: ${summary}`.slice(0, 200) });
  return 'look';
}

function takeIn(run: LifecycleRun, { reportsPhase = true }: AwaitEndInput, snapshot: JobSnapshot, calls: number): void {
  run.statusCalls = calls;
  run.snapshot = snapshot;
  run.isStep = !reportsPhase;
  if (reportsPhase) run.reached(snapshot.phase);
}

/**
 * The one wait: asks until the resource is in a terminal phase, reporting each change on the way.
 * Fails as the table of the wait says, `DeadlineExceeded` among it.
 */
export async function awaitEnd(run: LifecycleRun, input: AwaitEndInput): Promise<AwaitedEnd> {
  const { resource, id, observe = 'phases', processingTime = null, startedAtMs, summary, next } = input;
  const callsBefore = run.statusCalls;
  const isTold = run.isVersion4 && observe === 'phases';
  run.hear = ({ snapshot, statusCalls }) => {
    if (!isTold || snapshot.id !== id || isTerminal(run.phase)) return;
    takeIn(run, input, snapshot, statusCalls);
    run.say(summary);
  };
  run.say(summary);
  run.deadline.arrived();
  const first = await comeToFirst(run, input);
  let state: PollState | null = null;
  for (;;) {
    run.say(summary);
    const { fetchJobStatus } = run.activities<WaitActivities>('wait', 'calls', summary);
    const { provider, credential } = run;
    const wait: FetchJobStatusInput = {
      ...{ provider, resource, id, credential },
      observe: isTold ? 'told' : observe,
      ...{ deadlineAtMs: run.deadline.arrived(), processingTime, startedAtMs, state, callsBefore },
      ...(first === undefined ? {} : { first }),
      ...(next === undefined ? {} : { next }),
    };
    const result: FetchJobStatusResult = await fetchJobStatus(wait);
    state = result.state;
    takeIn(run, input, result.snapshot, state.calls);
    if (isTerminal(result.snapshot.phase) || observe === 'attention') return result;
  }
}
