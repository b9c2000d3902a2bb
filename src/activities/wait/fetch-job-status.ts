import { activityInfo } from '@temporalio/activity';
import { initialPollState, isNews, type PollState, recallPollState } from '../../polling/poll-state.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isTerminal, type Phase } from '../../snapshot.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { patiently } from '../patience/patiently.ts';
import { isWaiting } from './anchor.ts';
import { planFirstLook } from './first-look.ts';
import { deadlinePassed, describeWait, jobNotFinished, waitFailed } from './job-not-finished.ts';
import { findResource, observeResource } from './observe-resource.ts';
import { takeIn } from './take-in.ts';
import type { FetchJobStatusInput, FetchJobStatusResult, Wait } from './wait.ts';

/** Begins a job at its provider where that is one request, which may be repeated. */
export type BeginJob = (
  connection: ProviderConnection,
  input: OfCredential & { id: string },
  attempt: Attempt<PollState>,
) => Promise<void>;

/**
 * Makes the one activity that waits: each attempt asks once, and a job that has not moved is thrown back as
 * `JobNotFinished` with the time of the next look, so that the server is the timer.
 */
export function createFetchJobStatus(
  { connect, looks, onDetected, ...pace }: ActivityDependencies,
  beginJob?: BeginJob,
) {
  function waitOn({ input, attempt, title, state }: Wait, delayMs: number): never {
    const leftMs = input.deadlineAtMs - Date.now();
    if (leftMs <= 0) throw deadlinePassed(title, state, attempt.errors);
    // A heartbeat is an Action, and one that says nothing new is saved.
    if (isNews(attempt.memory, state) || attempt.errors !== null) attempt.remember(state);
    throw jobNotFinished(describeWait(title, state, attempt.errors), Math.max(1, Math.min(delayMs, leftMs)), state);
  }

  function nextLookInMs({ state, resource, job, isFirst }: Wait): number {
    const { snapshot, startedAtMs, calls } = state;
    const isQueued = isWaiting(snapshot?.phase ?? null);
    const progress = resource.progressTellsPace === true ? (snapshot?.progress ?? null) : null;
    return looks.nextLookInMs(job, { startedAtMs, isQueued, isFirst, calls, progress });
  }

  /** Looks at the job; gives when to come again where many others are to look with the same key before. */
  async function look(wait: Wait): Promise<Wait | { comeAgainInMs: number }> {
    const { input, attempt } = wait;
    const connection = await connect(input.provider, input.credential);
    // At the deadline there is no other time.
    const comeAgainInMs = Date.now() < input.deadlineAtMs ? connection.comeAgainInMs() : 0;
    if (comeAgainInMs > 0) return { comeAgainInMs };
    wait.state = { ...wait.state, calls: wait.state.calls + 1 };
    const seen = await observeResource(connection, input, attempt.signal);
    attempt.progressed();
    return takeIn(wait, seen, { looks, onDetected });
  }

  async function begin({ input, attempt, state }: Wait, beginIt: BeginJob): Promise<PollState> {
    await beginIt(await connect(input.provider, input.credential), input, attempt);
    attempt.progressed();
    return { ...state, hasBegun: true };
  }

  async function fetchJobStatus(
    input: FetchJobStatusInput,
    attempt: Attempt<PollState>,
  ): Promise<FetchJobStatusResult> {
    const resource = findResource(input);
    const number = activityInfo().attempt;
    const known = attempt.memory ?? input.state ?? initialPollState(input.startedAtMs ?? Date.now(), input.callsBefore);
    const recalled = attempt.memory === null ? { ...known, attempt: number - 1 } : recallPollState(known, number);
    // This attempt is counted with its request, or not at all.
    const state = { ...recalled, attempt: number };
    attempt.stage = input.startedAtMs === null && state.snapshot === null ? 'unseen' : 'exists';
    const { provider, resource: name, id, credential, processingTime } = input;
    const job = { provider, resource: name, id, credential, processingTime, limits: resource.polling };
    const title = `${resource.title} ${id}`;
    const begun: Wait = { input, attempt, resource, title, state, job, isFirst: true, needsAttention: false };
    const isInTime = Date.now() < input.deadlineAtMs;
    // A job that we began, or of which we had news just now, is not asked at once.
    const isKnown = input.startedAtMs !== null || input.state !== null;
    if (input.first === undefined && number === 1 && isKnown && isInTime) {
      waitOn(begun, looks.firstLookInMs(job, state.startedAtMs));
    }
    let wait: Wait;
    try {
      if (input.first === 'begin' && beginJob !== undefined && state.hasBegun !== true) {
        // What would begin too late is paid for and of no use to anybody.
        if (!isInTime) throw deadlinePassed(title, state, attempt.errors);
        begun.state = await begin(begun, beginJob);
        // One that was resumed may have begun long ago.
        return waitOn(begun, looks.firstLookInMs(job, state.startedAtMs));
      }
      const looked = await look(begun);
      if ('comeAgainInMs' in looked) {
        // No request was made, which the attempt's number does not tell.
        attempt.remember(begun.state);
        return waitOn(begun, looked.comeAgainInMs);
      }
      wait = looked;
    } catch (error) {
      const verdict = attempt.judge(error);
      if (verdict === null) throw error;
      if (verdict.isFinal) throw waitFailed(verdict, begun.state);
      return waitOn(begun, verdict.delayMs);
    }
    const { snapshot } = wait.state;
    if (snapshot !== null && hasNews(snapshot.phase, wait)) {
      const { state: last } = wait;
      return { snapshot, state: last, ...(input.next === undefined ? {} : firstLookAt(input.next, input)) };
    }
    return waitOn(wait, nextLookInMs(wait));
  }
  const firstLookAt = (name: string, { provider, credential }: FetchJobStatusInput) =>
    planFirstLook(looks, [provider, name], { credential });
  // A cancellation does not wait for a look that is under way, so a look beats only to show that its worker lives.
  return patiently(pace, 'exists', fetchJobStatus, 5000);
}

function hasNews(phase: Phase | null, { input: { observe, state }, needsAttention }: Wait): boolean {
  if (isTerminal(phase)) return true;
  return observe === 'attention' ? needsAttention : observe === 'phases' && phase !== (state?.snapshot?.phase ?? null);
}
