import { activityInfo, log } from '@temporalio/activity';
import { estimateStartMs } from '../../polling/estimate-start.ts';
import { nextPollDelayMs, type ProcessingTime } from '../../polling/poll-plan.ts';
import { afterAnswer, initialPollState, type PollState } from '../../polling/poll-state.ts';
import type { Resource } from '../../providers/provider.ts';
import { isTerminal, type JobSnapshot, type Phase } from '../../snapshot.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { patiently } from '../patience/patiently.ts';
import { deadlinePassed, describeWait, jobNotFinished, waitFailed } from './job-not-finished.ts';
import { findResource, observeResource, type Target } from './observe-resource.ts';

/** What to wait for, and what is known so far. */
export interface FetchJobStatusInput extends Target, OfCredential {
  /** `phases` returns at every change of phase, `terminal` only at the end, `attention` also where we must act. */
  observe: 'phases' | 'terminal' | 'attention';
  /** Epoch milliseconds; the last look is made then. */
  deadlineAtMs: number;
  /** How long the job is likely to take; `null` where nobody knows. */
  processingTime: ProcessingTime | null;
  /** When the job began by our clock, epoch milliseconds; `null` for a job that somebody else began. */
  startedAtMs: number | null;
  /** What the wait before this one for the same resource knew; `null` for the first. */
  state: PollState | null;
  /** Status calls for the same job in earlier steps. */
  callsBefore?: number | undefined;
}

/** The job changed its phase or ended. */
export interface FetchJobStatusResult {
  snapshot: JobSnapshot;
  state: PollState;
}

interface Wait {
  input: FetchJobStatusInput;
  attempt: Attempt<PollState>;
  resource: Resource;
  title: string;
  state: PollState;
  processingTime: ProcessingTime | null;
  needsAttention: boolean;
}

/**
 * Makes the one activity that waits: each attempt asks once, and a job that has not moved is thrown back as
 * `JobNotFinished` with the time of the next look, so that the server is the timer.
 */
export function createFetchJobStatus({ connect, timeScale, random }: ActivityDependencies) {
  const planDelayMs = ({ state, resource, processingTime }: Wait) =>
    nextPollDelayMs({
      processingTime,
      elapsedMs: (Date.now() - state.startedAtMs) * timeScale,
      limits: resource.polling,
      random,
    }) / timeScale;

  function waitOn({ input, attempt, title, state }: Wait, delayMs: number): never {
    const leftMs = input.deadlineAtMs - Date.now();
    if (leftMs <= 0) throw deadlinePassed(title, state, attempt.errors);
    attempt.remember(state);
    throw jobNotFinished(describeWait(title, state, attempt.errors), Math.max(1, Math.min(delayMs, leftMs)), state);
  }

  async function look(wait: Wait): Promise<Wait> {
    const { input, attempt, resource } = wait;
    const connection = await connect(input.provider, input.credential);
    wait.state = { ...wait.state, calls: wait.state.calls + 1 };
    const { snapshot, reading, providerNowMs } = await observeResource(connection, input, attempt.signal);
    attempt.progressed();
    const tracked = input.startedAtMs === null && wait.state.snapshot === null;
    const startedAtMs =
      (tracked ? estimateStartMs(snapshot.timestamps, providerNowMs) : null) ?? wait.state.startedAtMs;
    if (!reading.recognised && wait.state.snapshot?.status !== snapshot.status) {
      log.warn(`${wait.title} has a status that nobody knows; it is taken as no news`, { status: snapshot.status });
    }
    const state = afterAnswer({ ...wait.state, startedAtMs }, snapshot, resource.allowsBackwards === true, Date.now());
    const needsAttention = reading.needsAttention === true;
    return { ...wait, state, needsAttention, processingTime: reading.processingTime ?? wait.processingTime };
  }

  async function fetchJobStatus(
    input: FetchJobStatusInput,
    attempt: Attempt<PollState>,
  ): Promise<FetchJobStatusResult> {
    const resource = findResource(input);
    const state = attempt.memory ?? input.state ?? initialPollState(input.startedAtMs ?? Date.now(), input.callsBefore);
    attempt.stage = input.startedAtMs === null && state.snapshot === null ? 'unseen' : 'exists';
    const { processingTime } = input;
    const title = `${resource.title} ${input.id}`;
    const begun: Wait = { input, attempt, resource, title, state, processingTime, needsAttention: false };
    // The first attempt of a job that we began, or of which we had news just now, only books the next look; past the
    // deadline, which earlier steps may have used up, it is the last look itself.
    const isKnown = input.startedAtMs !== null || input.state !== null;
    if (activityInfo().attempt === 1 && isKnown && Date.now() < input.deadlineAtMs) waitOn(begun, planDelayMs(begun));
    let wait: Wait;
    try {
      wait = await look(begun);
    } catch (error) {
      const verdict = attempt.judge(error);
      if (verdict === null) throw error;
      if (verdict.isFinal) throw waitFailed(verdict, begun.state);
      return waitOn(begun, verdict.delayMs);
    }
    const { snapshot } = wait.state;
    if (snapshot !== null && hasNews(snapshot.phase, wait)) return { snapshot, state: wait.state };
    return waitOn(wait, planDelayMs(wait));
  }
  return patiently({ timeScale, random }, 'exists', fetchJobStatus);
}

function hasNews(phase: Phase | null, { input: { observe, state }, needsAttention }: Wait): boolean {
  if (isTerminal(phase)) return true;
  return observe === 'attention' ? needsAttention : observe === 'phases' && phase !== (state?.snapshot?.phase ?? null);
}
