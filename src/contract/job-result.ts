import type { Artifact, Cleanup, FileOutcome } from './job.ts';
import type { Phase } from '../snapshot.ts';
import type { ProviderName } from '../providers/registry.ts';

/** How a job ended, whichever way: what commands print as JSON. */
export interface JobResult {
  workflowId: string;
  /** `null` only for a step of a pipeline that was not started. */
  runId: string | null;
  provider: ProviderName;
  /** For instance `tiro.voice-file-job`; `null` where nothing was created or seen. */
  resource: string | null;
  /** The provider's id; `null` where the job was never created. */
  jobId: string | null;
  /** `null` where it was never learnt. */
  phase: Phase | null;
  /** The provider's own word, as last seen. */
  status: string | null;
  recognised: boolean | null;
  /** Status requests that are known to have been made. */
  statusCalls: number;
  artifacts: Artifact[];
  /** Present where one job holds several files. */
  files?: FileOutcome[];
  /** `null` for a job with an outcome, also a failed one; else a failure type, `Cancelled`, `Terminated` or `TimedOut`. */
  failure: { type: string; message: string } | null;
  /** What clean-up at the provider came to; `null` unless the job was cancelled. */
  cleanup: Cleanup | null;
}
