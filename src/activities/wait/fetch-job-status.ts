import { activityInfo, log } from '@temporalio/activity';
import type { PlannedJob } from '../../polling/look-planner.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import { afterAnswer, initialPollState, isNews, type PollState, recallPollState } from '../../polling/poll-state.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import type { Resource } from '../../providers/provider.ts';
import { isTerminal, type JobSnapshot, type Phase } from '../../snapshot.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import { patiently } from '../patience/patiently.ts';
import { anchorMs, isWaiting } from './anchor.ts';
import { type FirstLook, planFirstLook } from './first-look.ts';
import { deadlinePassed, describeWait, jobNotFinished, waitFailed } from './job-not-finished.ts';
import { findResource, type Observation, observeResource, type Target } from './observe-resource.ts';
import { tellWorkflow } from './tell-workflow.ts';
import { detectionDelayMs } from './detection-delay.ts';
import { tookMs } from './took.ts';

/** What to wait for, and what is known so far. */
export interface FetchJobStatusInput extends Target, OfCredential {
  /**
   * `phases` returns at every change of phase, `terminal` only at the end, `attention` also where we must act; `told`
   * returns at the end, and tells the workflow of each phase before by a signal.
   */
  observe: 'phases' | 'terminal' | 'attention' | 'told';
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
  /**
   * What the first attempt does: it looks at the job, or begins it at the provider. Where that is not said it looks at a
   * job that somebody else began, and books the first look at one that we began.
   */
  first?: 'look' | 'begin' | undefined;
  /** The resource that is waited for next: the result says when to look at it first. */
  next?: string | undefined;
}

/** The job changed its phase or ended. */
export interface FetchJobStatusResult extends Partial<FirstLook> {
  snapshot: JobSnapshot;
  state: PollState;
}

/** Begins a job at its provider where that is one request, which may be repeated. */
export type BeginJob = (
  connection: ProviderConnection,
  input: OfCredential & { id: string },
  attempt: Attempt<PollState>,
) => Promise<void>;

interface Wait {
  input: FetchJobStatusInput;
  attempt: Attempt<PollState>;
  resource: Resource;
  title: string;
  state: PollState;
  job: PlannedJob;
  /** Whether no look of this wait had an answer before. */
  isFirst: boolean;
  needsAttention: boolean;
}

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

  /** Takes the answer in, and tells the workflow where that is how it hears of a phase. */
  async function takeIn(wait: Wait, { snapshot, reading, providerNowMs }: Observation): Promise<Wait> {
    const { input, resource, title } = wait;
    if (!reading.recognised && wait.state.snapshot?.status !== snapshot.status) {
      log.warn(`${title} has a status that nobody knows; it is taken as no news`, { status: snapshot.status });
    }
    const before = wait.state;
    let state = afterAnswer(before, snapshot, resource.allowsBackwards === true, Date.now());
    const clock = {
      isOurs: input.startedAtMs !== null,
      providerNowMs,
      lastLookAtMs: looks.lastLookAtMs(wait.job, before.calls - 1),
    };
    const known = { before, after: state, ...clock };
    state = { ...state, startedAtMs: anchorMs(known) };
    const job = { ...wait.job, processingTime: reading.processingTime ?? wait.job.processingTime };
    const seen = state.snapshot;
    const phase = seen?.phase ?? null;
    if (isTerminal(phase)) {
      looks.ended(job, phase === 'succeeded' ? tookMs(known) : null);
      const delayMs = detectionDelayMs(known);
      if (delayMs !== null) onDetected?.(input, delayMs);
    } else if (state.isLate !== true && !isWaiting(phase) && looks.isLate(job, state.startedAtMs)) {
      state = { ...state, isLate: true };
      log.warn(`${title} takes longer than 99.9 % of its kind have`, { phase, startedAtMs: state.startedAtMs });
    }
    if (input.observe === 'told' && seen !== null && phase !== (before.toldPhase ?? null) && !isTerminal(phase)) {
      const knows = await tellWorkflow({ snapshot: seen, statusCalls: state.calls });
      if (knows) state = { ...state, toldPhase: phase };
    }
    return { ...wait, state, job, isFirst: before.snapshot === null, needsAttention: reading.needsAttention === true };
  }

  /** Looks at the job; gives when to come again where many others are to look with the same key before. */
  async function look(wait: Wait): Promise<Wait | { comeAgainInMs: number }> {
    const { input, attempt } = wait;
    const connection = await connect(input.provider, input.credential);
    const comeAgainInMs = connection.comeAgainInMs();
    // At the deadline there is no other time.
    if (comeAgainInMs > 0 && Date.now() < input.deadlineAtMs) return { comeAgainInMs };
    wait.state = { ...wait.state, calls: wait.state.calls + 1 };
    const seen = await observeResource(connection, input, attempt.signal);
    attempt.progressed();
    return takeIn(wait, seen);
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
