import { createHash } from 'node:crypto';
import type { SlngJobOptions } from '../../providers/slng/slng-transcription-input.ts';
import type { SourceDescription } from '../../upload/media-source.ts';

/** The workflow that an id is made for. */
export interface SlngJobOwner {
  namespace: string;
  workflowExecution?: { workflowId: string };
}

/**
 * The id that we give a job: the same for every attempt of one workflow, and another one for other media or options,
 * so that no old job under a key used before is taken for a new one. Letters and digits only, as SLNG demands.
 */
export function deriveSlngJobId(
  owner: SlngJobOwner,
  { uri, fingerprint }: SourceDescription,
  options: SlngJobOptions,
): string {
  const identity = [owner.namespace, owner.workflowExecution?.workflowId, uri, fingerprint, options];
  return `pj${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 30)}`;
}
