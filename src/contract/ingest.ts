import type { MediaPipelineInput, PipelineStep, PipelineStrategy } from './pipeline.ts';

/** A directory, and what is done with each media file in it. */
export interface IngestInput {
  /** An absolute path that the workers see. */
  directory: string;
  steps: PipelineStep[];
  /** Default `all`. */
  strategy?: PipelineStrategy | undefined;
  /** How long a file must have been left alone, a duration or milliseconds; default 10 s. */
  settleFor?: string | number | undefined;
}

/** What to look through. */
export interface ScanDirectoryInput extends IngestInput {
  /** The scan ends when it has found so many files to start. */
  mostStarts: number;
}

/** A pipeline that is to be started, ready for the workflow that cannot look things up itself. */
export interface PipelineToStart {
  path: string;
  workflowId: string;
  input: MediaPipelineInput;
  executionTimeoutMs: number;
  summary: string;
  details: string;
}

/** A file whose pipeline failed. It is not started again. */
export interface FailedFile {
  path: string;
  workflowId: string;
  why: string;
}

/** A file of a directory that was left out, and why. */
export interface SkippedFile {
  path: string;
  why: string;
}

/** How many failed and how many skipped files are named. */
export const mostListed = 100;

/** What a look at the directory came to. */
export interface ScanDirectoryResult {
  starts: PipelineToStart[];
  /** How many files have a pipeline that runs or succeeded, those of the same content included. */
  known: number;
  failed: FailedFile[];
  skipped: SkippedFile[];
  /** How many failed and skipped files are not named; absent where all are, however many (0.1). */
  unlisted?: number;
  /** How many files were not looked at, since enough was found to start. */
  left: number;
}

/** What one look at the directory came to. */
export interface IngestResult {
  started: { path: string; workflowId: string }[];
  /** How many files have a pipeline that runs or succeeded. */
  known: number;
  /** Files whose pipeline failed, at most 100. They are not started again: their content is their key. */
  failed: FailedFile[];
  /** Files that were left out, at most 100. */
  skipped: SkippedFile[];
  /** How many failed and skipped files are not listed. */
  unlisted: number;
  /** How many files were left for the next run. */
  left: number;
}
