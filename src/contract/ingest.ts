import type { MediaPipelineInput, PipelineStep, PipelineStrategy } from './pipeline.ts';

/** A directory, and what is done with each media file in it. */
export interface IngestInput {
  /** An absolute path that the workers see, or `s3://bucket/prefix`. */
  directory: string;
  steps: PipelineStep[];
  /** Default `all`. */
  strategy?: PipelineStrategy | undefined;
  /** How long a file must have been left alone, a duration or milliseconds; default 10 s. */
  settleFor?: string | number | undefined;
  /** How often a pipeline that failed is started again, 0 to 10; default 0. */
  retryFailed?: number | undefined;
  /** Endings, such as `.dat`, whose files are media besides; or by ending the media type that their jobs are told. */
  extensions?: string[] | Record<string, string> | undefined;
}

/** What to look through. */
export interface ScanDirectoryInput extends IngestInput {
  /** For workers of 0.2, which start nothing themselves: so many files are given to the workflow at most. */
  mostStarts: number;
}

/** A pipeline that the workflow is to start, as workers of 0.2 had it. */
export interface PipelineToStart {
  path: string;
  workflowId: string;
  input: MediaPipelineInput;
  executionTimeoutMs: number;
  summary: string;
  details: string;
}

/** A file whose pipeline was started. */
export interface StartedFile {
  path: string;
  workflowId: string;
}

/** A file whose pipeline failed, as often as it may be tried. */
export interface FailedFile extends StartedFile {
  why: string;
}

/** A file of a directory that was left out, and why. */
export interface SkippedFile {
  path: string;
  why: string;
}

/** How many files of each kind are named. */
export const mostListed = 100;

/** How many files were met of each kind. */
export interface IngestCounts {
  started: number;
  /** Those of `known` whose pipeline has left its `outcome.json`. */
  done: number;
  failed: number;
  skipped: number;
}

/** What one look at the directory came to. */
export interface IngestResult {
  /** Files whose pipeline was started, at most 100. */
  started: StartedFile[];
  /** How many files have a pipeline that runs or succeeded, those of the same content included. */
  known: number;
  /** Files whose pipeline failed, at most 100. */
  failed: FailedFile[];
  /** Files that were left out, at most 100. */
  skipped: SkippedFile[];
  /** How many started, failed and skipped files are not listed. */
  unlisted: number;
  /** How many files were left for the next run; 0 since 0.3. */
  left: number;
  counts: IngestCounts;
}

/** What the activity's look at the directory came to. Workers of 0.2 started nothing and counted less. */
export interface ScanDirectoryResult extends Omit<IngestResult, 'started' | 'unlisted' | 'counts'> {
  /** What is left to the workflow to start: nothing since 0.3. */
  starts: PipelineToStart[];
  started?: StartedFile[];
  /** Absent where all are listed, however many (0.1). */
  unlisted?: number;
  counts?: IngestCounts;
}
