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
import type { SearchAttributePair } from '@temporalio/common';
import type { JobPhaseNews, JobState } from '../../contract/messages.ts';
import type { ProviderName } from '../../providers/registry.ts';
import {
  providerJobFailureAttribute,
  providerJobIdAttribute,
  providerJobPhaseAttribute,
  providerNameAttribute,
} from '../../contract/search-attributes.ts';
import { collectWithinMs, readDeadlineMs } from '../../contract/deadlines.ts';
import type { FailureType } from '../../contract/failures.ts';
import { callsTaskQueue, collectsTaskQueue, transfersTaskQueue } from '../../contract/task-queues.ts';
import { markerOf } from '../../contract/workflow-ids.ts';
import { type ActivityClass, activityClasses, marginsMs, withoutDeadlineMs } from './activity-classes.ts';
import { Deadline } from './deadline.ts';
import { isVersion2, isVersion3, isVersion4 } from './version.ts';

/** What every lifecycle's input holds; each provider's module adds its own options. */
export interface LifecycleInput {
  credential?: string | undefined;
  notify?: string[] | undefined;
  /** A duration or milliseconds, from the start of the workflow. */
  deadline?: string | number | undefined;
}

/** What a run must know of its lifecycle. */
export interface LifecycleRunOptions {
  deadlineMs?: number | undefined;
  /** False for a run that records the end of its job alone, which needs nothing of version 0.4. Default true. */
  hearsPhases?: boolean | undefined;
}

// A lifecycle runs on the stem itself.
const queues = {
  main: (stem: string) => stem,
  calls: callsTaskQueue,
  transfers: transfersTaskQueue,
  collects: collectsTaskQueue,
} as const;

// What was begun by then goes on to its end; nothing new is begun.
const endsWithDeadline: ReadonlySet<ActivityClass> = new Set(['read', 'create', 'submit', 'transfer']);

/** One run of a lifecycle: what is known of its job, and the ways to act on it and to report it. */
export class LifecycleRun {
  readonly provider: ProviderName;
  readonly credential: string | undefined;
  readonly deadline: Deadline;
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
  /** Takes in what the wait tells of its job meanwhile. */
  hear: ((news: JobPhaseNews) => void) | null = null;
  /** Set by a course as soon as there is something at the provider to tidy up after a cancellation. */
  cleanUp: (() => Promise<Cleanup>) | null = null;

  readonly isVersion4: boolean;

  constructor(provider: ProviderName, resource: string, input: LifecycleInput, options: LifecycleRunOptions = {}) {
    const { deadlineMs, hearsPhases = true } = options;
    this.isVersion4 = hearsPhases && isVersion4();
    this.provider = provider;
    this.resource = resource;
    this.credential = input.credential;
    this.deadline = new Deadline(deadlineMs ?? readDeadlineMs(input.deadline));
  }

  /** Of a run that is of no later version either way. */
  get isVersion2(): boolean {
    return this.isVersion4 || isVersion2();
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

  /**
   * Ends the lifecycle where its deadline has passed, saying what was next or in the way.
   * @throws ApplicationFailure (`DeadlineExceeded`)
   */
  throwIfLate(words: string): void {
    const { atMs } = this.deadline;
    if (atMs === null || Date.now() < atMs || !this.isVersion2) return;
    const type: FailureType = 'DeadlineExceeded';
    throw ApplicationFailure.nonRetryable(`The deadline has passed: ${words}`, type);
  }

  #mostMs(activityClass: ActivityClass): number {
    const { atMs, leftMs } = this.deadline;
    if (atMs === null) return withoutDeadlineMs[activityClass] ?? collectWithinMs;
    if (activityClass === 'collect') return Math.max(leftMs, collectWithinMs);
    return Math.max(1000, leftMs) + (marginsMs[activityClass] ?? 0);
  }

  #taskQueue(queue: keyof typeof queues): string {
    // Workers of version 0.1 collect with the uploads.
    const known = queue === 'collects' && !this.isVersion2 ? 'transfers' : queue;
    return queues[known](workflowInfo().taskQueue, this.provider);
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
      taskQueue: this.#taskQueue(queue),
      summary,
      allowEagerDispatch: false,
      priority: {
        ...workflowInfo().priority,
        ...(this.credential === undefined ? {} : { fairnessKey: this.credential }),
      },
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

  /** Records what lists are searched by, and along with it what whoever started the job by other means has left out. */
  #record(news: SearchAttributePair[]): void {
    const { typedSearchAttributes: known } = workflowInfo();
    const usual = [
      { key: providerNameAttribute, value: this.provider },
      ...(this.jobId === null ? [] : [{ key: providerJobIdAttribute, value: this.jobId }]),
    ];
    const left = usual.filter(
      ({ key }) => known.get(key) === undefined && !news.some((each) => each.key.name === key.name),
    );
    upsertSearchAttributes([...left, ...news]);
  }

  /** Records that the job exists now; from here on its id can be searched for. */
  created(resource: string, jobId: string, phase: Phase): void {
    this.resource = resource;
    this.jobId = jobId;
    this.phase = phase;
    this.#record([
      { key: providerJobIdAttribute, value: jobId },
      { key: providerJobPhaseAttribute, value: phase },
    ]);
  }

  /** Records a phase where it is news. */
  reached(phase: Phase | null): void {
    if (phase === null || phase === this.phase) return;
    this.phase = phase;
    this.#record([{ key: providerJobPhaseAttribute, value: phase }]);
  }

  /** Records why the job failed: lists are searched by it, and its details say how it goes on. */
  failed(type: FailureType, message: string): void {
    const { workflowId } = workflowInfo();
    this.say(`${type}: ${message}\n\nOnce the cause is gone: \`provider-jobs resume ${workflowId}\``);
    this.stage = `${type}: ${message}`;
    if (isVersion3()) this.#record([{ key: providerJobFailureAttribute, value: type }]);
  }

  /** What the `jobSnapshot` query answers. */
  state(): JobState {
    const { stage, jobId, phase, statusCalls, snapshot } = this;
    return { stage, jobId, phase, statusCalls, snapshot };
  }
}
