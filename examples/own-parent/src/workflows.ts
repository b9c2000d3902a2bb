import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { jobFinished, startJob } from 'provider-jobs/workflow-api';
import type { JobNotice, JobOutcome } from 'provider-jobs/workflow-api';

export interface CompareTranscriptsInput {
  /** A `file:` or `https:` URI. */
  source: string;
  /** How long this workflow waits for both jobs. */
  deadlineMs: number;
}

export interface TranscriptSummary {
  provider: 'tiro' | 'slng';
  phase: JobOutcome['phase'] | null;
  jobId: string | null;
  artifacts: string[];
  /** Why there is no outcome. */
  failure: string | null;
}

export interface CompareTranscriptsResult {
  /** False where the deadline passed first; what still ran was cancelled then. */
  inTime: boolean;
  /** How many jobs sent word of their end. */
  heard: number;
  transcripts: TranscriptSummary[];
}

/** Transcribes one recording at Tiro and at SLNG, side by side. */
export async function compareTranscripts(input: CompareTranscriptsInput): Promise<CompareTranscriptsResult> {
  const { source, deadlineMs } = input;
  const started = new Set<string>();
  const notices = new Map<string, JobNotice>();
  // A job counts once, by workflow id and run id, however often it sends word; a stranger's word counts for nothing.
  const nameOf = (workflowId: string, runId: string) => `${workflowId} ${runId}`;
  setHandler(jobFinished, (notice) => {
    notices.set(nameOf(notice.workflowId, notice.runId), notice);
  });
  const heard = () => [...started].filter((name) => notices.has(name)).length;

  const transcribe = async (provider: 'tiro' | 'slng'): Promise<TranscriptSummary> => {
    try {
      const job = await startJob(provider, { source });
      started.add(nameOf(job.workflowId, job.firstExecutionRunId));
      const { phase, jobId, artifacts } = await job.result();
      return { provider, phase, jobId, artifacts: artifacts.map(({ name }) => name), failure: null };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return { provider, phase: null, jobId: null, artifacts: [], failure: String(cause) };
    }
  };

  const jobs = new CancellationScope();
  const providers = ['tiro', 'slng'] as const;
  const results = jobs.run(() => Promise.all(providers.map(transcribe)));
  // A job that is terminated sends no word, so its result is awaited beside the notices.
  let ended = false;
  void results.then(() => {
    ended = true;
  });
  try {
    const inTime = await condition(() => ended || heard() === providers.length, deadlineMs);
    if (!inTime) jobs.cancel();
    return { inTime, transcripts: await results, heard: heard() };
  } finally {
    // Also when this workflow is cancelled: closing before the results would cut the jobs' last act short.
    await results;
  }
}
