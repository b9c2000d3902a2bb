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

/** What clean-up at the provider came to after a cancellation. */
export type Cleanup = 'cancelled' | 'not-supported' | 'already-finished' | 'failed';

/** How a lifecycle ended: also a job that the provider reports as failed has an outcome. */
export interface JobOutcome {
  provider: ProviderName;
  /** For instance `tiro.voice-file-job`. */
  resource: string;
  jobId: string;
  /** Every id that the provider gave out on the way, by its own field name; `abandoned` are jobs that attempts left idle. */
  ids: Record<string, string>;
  phase: TerminalPhase;
  status: string;
  recognised: boolean;
  message: string | null;
  /** Status requests made to the provider over the whole lifecycle. */
  statusCalls: number;
  artifacts: Artifact[];
  /** Present where one job holds several files. */
  files?: FileOutcome[];
}

/** What a lifecycle knows when it ends without an outcome; the details of its failure. */
export interface JobFailureDetails {
  provider: ProviderName;
  /** For instance `tiro.voice-file-job`. */
  resource: string;
  jobId: string | null;
  statusCalls: number;
  snapshot: JobSnapshot | null;
}

/** The payload of the `jobFinished` signal: sent at every end that our code sees. */
export interface JobNotice {
  workflowId: string;
  runId: string;
  provider: ProviderName;
  /** For instance `tiro.voice-file-job`. */
  resource: string;
  /** `null` where the job was never created at the provider. */
  jobId: string | null;
  /** `null` where no phase was ever learnt. */
  phase: Phase | null;
  artifacts: Artifact[];
  /** `null` when the lifecycle has an outcome; else the failure type (or `Cancelled`) and why. */
  failure: { type: string; message: string } | null;
  cleanup: Cleanup | null;
  /** ISO 8601. */
  at: string;
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
  /** Workflow ids that get a `jobFinished` signal at the end. */
  notify?: string[] | undefined;
}
