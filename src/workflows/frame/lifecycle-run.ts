import {
  type ActivityOptions,
  ApplicationFailure,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Artifact, Cleanup, MediaFacts, MissingPart } from '../../contract/job.ts';
import type { JobSnapshot, Phase } from '../../snapshot.ts';
import type { JobState } from '../../contract/messages.ts';
import type { ProviderName } from '../../providers/registry.ts';
import { providerJobIdAttribute, providerJobPhaseAttribute } from '../../contract/search-attributes.ts';
import { collectWithinMs, readDeadlineMs } from '../../contract/deadlines.ts';
import type { FailureType } from '../../contract/failures.ts';
import { callsTaskQueue, collectsTaskQueue, transfersTaskQueue } from '../../contract/task-queues.ts';
import { markerOf } from '../../contract/workflow-ids.ts';
import { type ActivityClass, activityClasses, marginsMs, withoutDeadlineMs } from './activity-classes.ts';
import { isVersion2 } from './version.ts';

/** What every lifecycle's input holds; each provider's module adds its own options. */
export interface LifecycleInput {
  credential?: string | undefined;
  notify?: string[] | undefined;
  /** A duration or milliseconds, from the start of the workflow. */
  deadline?: string | number | undefined;
}

// A lifecycle runs on the stem itself.
const queues = {
  main: (stem: string) => stem,
  calls: callsTaskQueue,
  transfers: transfersTaskQueue,
  // Workers of version 0.1 collect with the uploads.
  collects: (stem: string, provider: ProviderName) =>
    (isVersion2() ? collectsTaskQueue : transfersTaskQueue)(stem, provider),
} as const;

// What was begun by then goes on to its end; nothing new is begun.
const endsWithDeadline: ReadonlySet<ActivityClass> = new Set(['read', 'create', 'submit', 'transfer']);

/** One run of a lifecycle: what is known of its job, and the ways to act on it and to report it. */
export class LifecycleRun {
  readonly provider: ProviderName;
  readonly credential: string | undefined;
  /** Epoch milliseconds; `null` where none was given and the media is still on its way to the provider. */
  deadlineAtMs: number | null;
  /** What counts from the arrival of the media where no deadline was given. */
  defaultDeadlineMs = 24 * 3_600_000;
  resource: string;
  jobId: string | null = null;
  ids: Record<string, string> = {};
  phase: Phase | null = null;
  snapshot: JobSnapshot | null = null;
  /** Whether the snapshot is of a step on the way, whose phase is not the job's. */
  isStep = false;
  statusCalls = 0;
  artifacts: Artifact[] = [];
  missing: MissingPart[] = [];
  media: MediaFacts[] = [];
  stage = 'starting';
  /** Set by a course as soon as there is something at the provider to tidy up after a cancellation. */
  cleanUp: (() => Promise<Cleanup>) | null = null;

  readonly #isDeadlineGiven: boolean;

  constructor(provider: ProviderName, resource: string, input: LifecycleInput, deadlineMs?: number) {
    this.provider = provider;
    this.resource = resource;
    this.credential = input.credential;
    const givenMs = deadlineMs ?? readDeadlineMs(input.deadline);
    this.#isDeadlineGiven = givenMs !== null;
    this.deadlineAtMs = givenMs === null ? null : workflowInfo().startTime.getTime() + givenMs;
  }

  /** Goes along with whatever this job makes at the provider, to tell it from what others made. */
  get marker(): string {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    return markerOf(workflowId, firstExecutionRunId);
  }

  /** With its provider, as everybody else is told: `tiro.voice-file-job`. */
  get resourceName(): string {
    return `${this.provider}.${this.resource}`;
  }

  /** The media is at the provider: the deadline counts from here on where none was given. Gives it, epoch milliseconds. */
  arrived(): number {
    this.deadlineAtMs ??= Date.now() + this.defaultDeadlineMs;
    return this.deadlineAtMs;
  }

  /** Not all of the media arrived after all, and more of it is on its way. */
  sendsAgain(): void {
    if (!this.#isDeadlineGiven) this.deadlineAtMs = null;
  }

  /** Until the deadline, in milliseconds; at least 1. */
  get leftMs(): number {
    return this.deadlineAtMs === null ? Infinity : Math.max(1, this.deadlineAtMs - Date.now());
  }

  /**
   * Ends the lifecycle where its deadline has passed, saying what was next or in the way.
   * @throws ApplicationFailure (`DeadlineExceeded`)
   */
  throwIfLate(words: string): void {
    if (this.deadlineAtMs === null || Date.now() < this.deadlineAtMs || !isVersion2()) return;
    const type: FailureType = 'DeadlineExceeded';
    throw ApplicationFailure.nonRetryable(`The deadline has passed: ${words}`, type);
  }

  #mostMs(activityClass: ActivityClass): number {
    if (this.deadlineAtMs === null) return withoutDeadlineMs[activityClass] ?? collectWithinMs;
    if (activityClass === 'collect') return Math.max(this.leftMs, collectWithinMs);
    return Math.max(1000, this.leftMs) + (marginsMs[activityClass] ?? 0);
  }

  /**
   * Activities of one class on one of the provider's queues, bounded by the deadline and explained by a summary.
   * @throws ApplicationFailure (`DeadlineExceeded`) where it is too late to begin them.
   */
  activities<A extends object>(activityClass: ActivityClass, queue: keyof typeof queues, summary: string) {
    if (endsWithDeadline.has(activityClass)) this.throwIfLate(`this was not begun any more: ${summary}`);
    const options: ActivityOptions = {
      scheduleToCloseTimeout: this.#mostMs(activityClass),
      ...activityClasses[activityClass],
      taskQueue: queues[queue](workflowInfo().taskQueue, this.provider),
      summary,
      allowEagerDispatch: false,
      ...(this.credential === undefined ? {} : { priority: { fairnessKey: this.credential } }),
    };
    return proxyActivities<A>(options);
  }

  /** Says in plain words what is going on; shown as the workflow's current details in the Web UI. */
  say(stage: string): void {
    this.stage = stage;
    const job = this.jobId === null ? '' : `\n\nJob \`${this.jobId}\` (${this.resourceName})`;
    const status =
      this.snapshot === null ? '' : `\n\nLast news: **${this.snapshot.status}** at ${this.snapshot.observedAt}`;
    const message = this.snapshot?.message ? `\n\n> ${this.snapshot.message}` : '';
    setCurrentDetails(`**${this.phase ?? 'starting'}** · ${stage}${job}${status}${message}`);
  }

  /** Records that the job exists now; from here on its id can be searched for. */
  created(resource: string, jobId: string, phase: Phase): void {
    this.resource = resource;
    this.jobId = jobId;
    this.phase = phase;
    upsertSearchAttributes([
      { key: providerJobIdAttribute, value: jobId },
      { key: providerJobPhaseAttribute, value: phase },
    ]);
  }

  /** Records a phase where it is news. */
  reached(phase: Phase | null): void {
    if (phase === null || phase === this.phase) return;
    this.phase = phase;
    upsertSearchAttributes([{ key: providerJobPhaseAttribute, value: phase }]);
  }

  /** What the `jobSnapshot` query answers. */
  state(): JobState {
    const { stage, jobId, phase, statusCalls, snapshot } = this;
    return { stage, jobId, phase, statusCalls, snapshot };
  }
}
