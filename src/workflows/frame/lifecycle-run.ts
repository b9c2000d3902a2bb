import {
  type ActivityOptions,
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
import { callsTaskQueue, mainTaskQueue, transfersTaskQueue } from '../../contract/task-queues.ts';
import { markerOf } from '../../contract/workflow-ids.ts';
import { type ActivityClass, activityClasses } from './activity-classes.ts';

/** What every lifecycle's input holds; each provider's module adds its own options. */
export interface LifecycleInput {
  credential?: string | undefined;
  notify?: string[] | undefined;
}

// Past the deadline the last look still has its attempt, and what was found done then is still collected.
const marginsMs: Partial<Record<ActivityClass, number>> = { wait: 90_000, collect: 600_000 };

const queues = { main: () => mainTaskQueue, calls: callsTaskQueue, transfers: transfersTaskQueue } as const;

/** One run of a lifecycle: what is known of its job, and the ways to act on it and to report it. */
export class LifecycleRun {
  readonly provider: ProviderName;
  readonly credential: string | undefined;
  /** Epoch milliseconds. */
  deadlineAtMs: number;
  resource: string;
  jobId: string | null = null;
  ids: Record<string, string> = {};
  phase: Phase | null = null;
  snapshot: JobSnapshot | null = null;
  statusCalls = 0;
  artifacts: Artifact[] = [];
  missing: MissingPart[] = [];
  media: MediaFacts[] = [];
  stage = 'starting';
  /** Set by a course as soon as there is something at the provider to tidy up after a cancellation. */
  cleanUp: (() => Promise<Cleanup>) | null = null;

  constructor(provider: ProviderName, resource: string, input: LifecycleInput, deadlineAtMs: number) {
    this.provider = provider;
    this.resource = resource;
    this.credential = input.credential;
    this.deadlineAtMs = deadlineAtMs;
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

  /** Activities of one class on one of the provider's queues, bounded by the deadline and explained by a summary. */
  activities<A extends object>(activityClass: ActivityClass, queue: keyof typeof queues, summary: string) {
    const options: ActivityOptions = {
      scheduleToCloseTimeout: Math.max(1000, this.deadlineAtMs - Date.now()) + (marginsMs[activityClass] ?? 0),
      ...activityClasses[activityClass],
      taskQueue: queues[queue](this.provider),
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
