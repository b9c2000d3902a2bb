import type { Progress } from '../snapshot.ts';
import { CallPrices } from './call-price.ts';
import { createLearnedTimes, type LearnedTimes } from './learned-times.ts';
import type { Observation } from './learning.ts';
import { beliefOf, nextPollDelayMs, type PollLimits, type ProcessingTime } from './poll-plan.ts';
import { withProgress } from './progress-pace.ts';
import { RecentLooks } from './recent-looks.ts';

/** What the planner must know of a job whatever its state. */
export interface PlannedJob {
  provider: string;
  /** The resource's short name. */
  resource: string;
  id: string;
  credential?: string | undefined;
  limits: PollLimits;
  /** The provider's own estimate or the vendor's table; `null` where there is none. */
  processingTime: ProcessingTime | null;
}

/** Where a job stood at a look that found it unfinished. */
export interface Standing {
  /** When the provider began with it by our clock, epoch milliseconds; of one that is queued, since when it is. */
  startedAtMs: number;
  isQueued: boolean;
  /** Whether nobody had looked before. */
  isFirst: boolean;
  /** Calls made so far, with this one. */
  calls: number;
  /** Given where the parts of the job tell how fast it goes. */
  progress: Progress | null;
}

// A job in a queue of an hour need not be asked each minute whether it is its turn.
const shareOfQueue = 1 / 10;

/** By which clock and dice looks are planned, and whose are limited. */
export interface LookPlannerOptions {
  /** Divides every duration. */
  timeScale: number;
  /** Uniform in [0, 1). */
  random: () => number;
  /** How long jobs take; by default what this planner learns itself. */
  times?: LearnedTimes;
  /** Whether the calls of a key are limited; default that none are. */
  isLimited?: (provider: string, credential: string) => boolean;
}

/**
 * Plans the looks at all jobs of this process, and learns from each: what a call costs at present, and when this process
 * has last looked. Nothing of it is needed to be right; it is in memory only.
 */
export class LookPlanner {
  readonly #pace: LookPlannerOptions;
  readonly #times: LearnedTimes;
  readonly #prices = new CallPrices();
  readonly #recent = new RecentLooks();

  constructor(pace: LookPlannerOptions) {
    this.#pace = pace;
    this.#times = pace.times ?? createLearnedTimes();
  }

  /** When to look first at a job that began at a time, by default just now; in milliseconds from now. */
  firstLookInMs(job: PlannedJob, startedAtMs = Date.now()): number {
    return this.#delayMs(job, this.#likely(job), (Date.now() - startedAtMs) * this.#pace.timeScale);
  }

  /** Whether the calls of a job's key are limited, so that an attempt that makes none takes a turn of one that would. */
  isLimited({ provider, credential = 'default' }: Pick<PlannedJob, 'provider' | 'credential'>): boolean {
    return this.#pace.isLimited?.(provider, credential) === true;
  }

  /**
   * When a job was last looked at, after so many calls, epoch milliseconds; `null` where that was by another process, or long
   * ago.
   */
  lastLookAtMs({ provider, resource, id }: Pick<PlannedJob, 'provider' | 'resource' | 'id'>, calls: number) {
    return this.#recent.of(`${provider}/${resource}/${id}`, calls)?.atMs ?? null;
  }

  /** Takes in a look at a job that goes on, and says how long after it the next one falls, in milliseconds. */
  nextLookInMs(job: PlannedJob, { startedAtMs, isQueued, isFirst, calls, progress }: Standing): number {
    const key = `${job.provider}/${job.resource}/${job.id}`;
    const nowMs = Date.now();
    const elapsedMs = (nowMs - startedAtMs) * this.#pace.timeScale;
    const before = this.#recent.of(key, calls - 1);
    const planned = (inMs: number) => {
      this.#recent.note(key, { atMs: nowMs, nextAtMs: nowMs + inMs, calls, isQueued });
      return inMs;
    };
    if (isQueued) {
      // Its clock stands still until the provider begins, which may be just now.
      const waitedMs = Math.min(job.limits.capMs, elapsedMs * shareOfQueue);
      return planned(Math.max(waitedMs / this.#pace.timeScale, this.firstLookInMs(job)));
    }
    const known = this.#likely(job);
    const likely = progress === null ? known : withProgress(known, progress, elapsedMs);
    const lastAtMs = isFirst ? startedAtMs : before?.isQueued === false ? before.atMs : null;
    if (lastAtMs !== null) {
      const lastMs = Math.max(0, (lastAtMs - startedAtMs) * this.#pace.timeScale);
      // What was noted before the first look is of another wait for the same job.
      const plannedMs = isFirst || before === null ? null : (before.nextAtMs - lastAtMs) * this.#pace.timeScale;
      this.#prices.learn(this.#priceKey(job), beliefOf(likely), { lastMs, nowMs: elapsedMs, plannedMs });
    }
    return planned(this.#delayMs(job, likely, elapsedMs));
  }

  /** Whether a job takes longer than 99.9 % of its kind have. */
  isLate({ provider, resource, processingTime }: PlannedJob, startedAtMs: number): boolean {
    const mostMs = this.#times.stuckAfterMs({ provider, resource }, processingTime);
    return mostMs !== null && (Date.now() - startedAtMs) * this.#pace.timeScale > mostMs;
  }

  /** Takes in the end of a job, with how long it took where it succeeded and that was seen, in milliseconds of our clock. */
  ended({ provider, resource, id, processingTime }: PlannedJob, took: Observation | null): void {
    this.#recent.forget(`${provider}/${resource}/${id}`);
    if (took === null) return;
    const { timeScale } = this.#pace;
    const seen =
      'endedAtMs' in took
        ? { endedAtMs: took.endedAtMs * timeScale }
        : { afterMs: took.afterMs * timeScale, byMs: took.byMs * timeScale };
    this.#times.learn({ provider, resource }, processingTime, { ...took, ...seen }, id);
  }

  #likely({ provider, resource, processingTime }: PlannedJob): ProcessingTime | null {
    return this.#times.processingTime({ provider, resource }, processingTime);
  }

  #priceKey({ provider, credential = 'default' }: PlannedJob): string {
    return `${provider}/${credential}`;
  }

  #delayMs(job: PlannedJob, processingTime: ProcessingTime | null, elapsedMs: number): number {
    const { timeScale, random } = this.#pace;
    const priceMs = this.#prices.of(this.#priceKey(job));
    return nextPollDelayMs({ processingTime, elapsedMs, limits: job.limits, random, priceMs }) / timeScale;
  }
}
