import type { PlannedJob } from '../../polling/look-planner.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { PollState } from '../../polling/poll-state.ts';
import type { Resource } from '../../providers/provider.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import type { OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';
import type { FirstLook } from './first-look.ts';
import type { Target } from './observe-resource.ts';

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

/** A wait in one of its attempts. */
export interface Wait {
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
