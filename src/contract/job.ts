import type { ProviderName } from '../providers/registry.ts';
import type { JobSnapshot, Phase, TerminalPhase } from '../snapshot.ts';

/** A result file in the result store. */
export interface Artifact {
  name: string;
  mediaType: string;
  sizeBytes: number;
  sha256: string;
  uri: string;
}

/** How one file of a job with several files ended. */
export interface FileOutcome {
  id: string;
  name: string;
  phase: TerminalPhase;
  message: string | null;
}

/** A part of the results that can be done without, for instance a summary, and why there is none. */
export interface MissingPart {
  /** The artifact that it would have been. */
  name: string;
  why: string;
}

/** What is known of a job's media. */
export interface MediaFacts {
  name: string;
  sizeBytes: number;
  mediaType: string;
  durationSeconds: number | null;
}

/** What a collect stored, and what it could not get. */
export interface Collected {
  artifacts: Artifact[];
  missing: MissingPart[];
  /** Of a resource that holds files: how each ended. */
  files?: FileOutcome[];
  /** The job as it was found where its results were gone before they were stored. */
  lost?: JobSnapshot | null;
  /** `false` where something that the provider lists is not stored as it is there: nothing is to be deleted then. */
  isWhole?: boolean;
}

/** What clean-up at the provider came to after a cancellation. */
export type Cleanup = 'cancelled' | 'not-supported' | 'already-finished' | 'failed';

/**
 * How a job ended, whichever way: what its workflow returns, its notice and its failure carry, the client gives,
 * commands print as JSON and `outcome.json` holds.
 */
export interface JobResult {
  workflowId: string;
  /** `null` only for a step of a pipeline that was not started. */
  runId: string | null;
  provider: ProviderName;
  /** For instance `tiro.voice-file-job`; `null` where nothing was created or seen. */
  resource: string | null;
  /** The provider's id; `null` where the job was never created. */
  jobId: string | null;
  /** Every id that the provider gave out on the way, by its own field name; `abandoned` are jobs that attempts left idle. */
  ids: Record<string, string>;
  /** `null` where it was never learnt. */
  phase: Phase | null;
  /** The provider's own word, as last seen. */
  status: string | null;
  recognised: boolean | null;
  /** Why it ended so, in the provider's words; of a failure, in ours. */
  message: string | null;
  /** Present where one job holds several files. */
  files?: FileOutcome[];
  artifacts: Artifact[];
  /** What can be done without and could not be had. */
  missing: MissingPart[];
  /**
   * Where `outcome.json` is, which holds the rest of this; `null` in that file itself, where there is none, and in the
   * client's result of a cancelled job, of which Temporal keeps no details.
   */
  outcome: string | null;
  /** `null` for a job with an outcome, also a failed one; else a failure type, `Cancelled`, `Terminated` or `TimedOut`. */
  failure: { type: string; message: string } | null;
  /** What clean-up at the provider came to; `null` unless the job was cancelled. */
  cleanup: Cleanup | null;
  /** Status requests that are known to have been made. */
  statusCalls: number;
  /** The files that were sent; empty for a job that somebody else created. */
  media: MediaFacts[];
  /** When the workflow began and when the job had ended, ISO 8601; `null` where it is not known. */
  startedAt: string | null;
  endedAt: string | null;
}

/** The result of a job with an outcome: also of one that the provider reports as failed. */
export interface JobOutcome extends JobResult {
  runId: string;
  resource: string;
  jobId: string;
  phase: TerminalPhase;
  status: string;
  recognised: boolean;
  failure: null;
  cleanup: null;
}

/** The payload of the `jobFinished` signal: sent at every end that our code sees. */
export interface JobNotice extends JobResult {
  runId: string;
  /** ISO 8601; the same as `endedAt`, and older than that field. */
  at: string;
}

/** The details of a lifecycle's failure. */
export interface JobFailureDetails extends JobResult {
  /** The last look at the provider. */
  snapshot: JobSnapshot | null;
}

/** A job that somebody else created. */
export interface TrackJobInput {
  provider: ProviderName;
  /** The resource's short name, for instance `batch`. */
  resource: string;
  id: string;
  credential?: string | undefined;
  /** Milliseconds; 24 hours where none is given. */
  deadlineMs?: number | undefined;
  /** `phases` (default) records every change, `terminal` only the end, at 12 history events in all. */
  observe?: 'phases' | 'terminal' | undefined;
  /** Stores the results of a job that succeeded, and `outcome.json` at every end. */
  collect?: boolean | undefined;
  /** With `collect` at Tiro: the translations that are stored too. */
  translationLocales?: string[] | undefined;
  /** Workflow ids that get a `jobFinished` signal at the end. */
  notify?: string[] | undefined;
}
