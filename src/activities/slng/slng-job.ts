import type { SlngEchoedConfig } from '../../providers/slng/slng-calls.ts';
import type { SlngJobOptions } from '../../providers/slng/slng-transcription-input.ts';
import type { SourceDescription } from '../../upload/media-source.ts';

/** Where the file is at SLNG; there is no job yet. */
export interface UploadSlngFileResult {
  jobId: string;
  s3Key: string;
  echoedConfig: SlngEchoedConfig | null;
}

/** Media that SLNG can reach, and how to treat it. */
export interface CreateSlngJobInput {
  source: SourceDescription;
  options: SlngJobOptions;
  /** What `uploadSlngFile` gave back; `null` for media that SLNG reads from the source's own address. */
  uploaded: UploadSlngFileResult | null;
  /** The marker of the job; absent in those of 0.1. */
  marker?: string | undefined;
  credential?: string | undefined;
}

/** A job at SLNG. */
export interface SlngJobInput {
  jobId: string;
  credential?: string | undefined;
}
