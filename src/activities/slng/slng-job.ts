import { createHash } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isAbsent } from '../../providers/connection/provider-error.ts';
import type { SlngEchoedConfig } from '../../providers/slng/slng-calls.ts';
import type { SlngJobOptions } from '../../providers/slng/slng-transcription-input.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { OfCredential } from '../at-provider.ts';
import { observeResource } from '../wait/observe-resource.ts';

/** A job at SLNG. */
export interface SlngJobInput extends OfCredential {
  jobId: string;
}

/** A file, and how SLNG is to treat it. */
export interface UploadSlngFileInput extends OfCredential {
  source: SourceDescription;
  options: SlngJobOptions;
  /** The marker of the job; absent in those of 0.1. */
  marker?: string | undefined;
}

/** Where the file is at SLNG; there is no job yet. */
export interface UploadSlngFileResult {
  jobId: string;
  s3Key: string;
  echoedConfig: SlngEchoedConfig | null;
}

/** Media that SLNG can reach, and how to treat it. */
export interface CreateSlngJobInput extends UploadSlngFileInput {
  /** What `uploadSlngFile` gave back; `null` for media that SLNG reads from the source's own address. */
  uploaded: UploadSlngFileResult | null;
  /** How long the job is likely to take; absent in those of 0.2. */
  processingTime?: ProcessingTime | null | undefined;
}

/**
 * The id that we give a job: the same for every attempt of one workflow, and another one for another run, other media
 * or options, so that no old job under a key used before is taken for a new one. Letters and digits only, as SLNG demands.
 */
export function deriveSlngJobId({ source: { uri, fingerprint }, options, marker }: UploadSlngFileInput): string {
  const { namespace, workflowExecution } = activityInfo();
  const identity = [namespace, workflowExecution?.workflowId, uri, fingerprint, options];
  // Jobs that 0.1 began have no marker, and find what they made by the id without one.
  const whole = marker === undefined ? identity : [...identity, marker];
  return `pj${createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, 30)}`;
}

/** Reads a job once; `null` where SLNG has none of this id, which before the create call is as it should be. */
export async function findSlngJob(
  connection: ProviderConnection,
  id: string,
  signal: AbortSignal,
): Promise<JobSnapshot | null> {
  try {
    return (await observeResource(connection, { provider: 'slng', resource: 'batch-job', id }, signal)).snapshot;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
