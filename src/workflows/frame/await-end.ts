import type { createFetchJobStatus, FetchJobStatusResult } from '../../activities/wait/fetch-job-status.ts';
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
  /** Plain words for the Web UI, for instance `wait for the transcription`. */
  summary: string;
  /** Whether this resource's phases are the job's own; false for a step on the way. Default true. */
  reportsPhase?: boolean;
}

/**
 * The one wait: asks until the resource is in a terminal phase, reporting each change on the way.
 * Fails as the table of the wait says, `DeadlineExceeded` among it.
 */
export async function awaitEnd(run: LifecycleRun, input: AwaitEndInput): Promise<JobSnapshot> {
  const { resource, id, observe = 'phases', processingTime = null, startedAtMs, summary, reportsPhase = true } = input;
  const callsBefore = run.statusCalls;
  let state: PollState | null = null;
  for (;;) {
    run.say(summary);
    const deadlineAtMs = run.deadline.arrived();
    const { fetchJobStatus } = run.activities<WaitActivities>('wait', 'calls', summary);
    const { provider, credential } = run;
    const target = { provider, resource, id, credential };
    const result: FetchJobStatusResult = await fetchJobStatus({
      ...target,
      observe,
      deadlineAtMs,
      processingTime,
      startedAtMs,
      state,
      callsBefore,
    });
    state = result.state;
    run.statusCalls = state.calls;
    run.snapshot = result.snapshot;
    run.isStep = !reportsPhase;
    const { phase } = result.snapshot;
    if (reportsPhase) run.reached(phase);
    if (isTerminal(phase) || observe === 'attention') return result.snapshot;
  }
}
