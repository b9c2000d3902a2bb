import { createHash } from 'node:crypto';
import type { CreateSlngJobInput } from './slng-job.ts';

/** The workflow that an id is made for. */
export interface SlngJobOwner {
  namespace: string;
  workflowExecution?: { workflowId: string };
}

/**
 * The id that we give a job: the same for every attempt of one workflow, and another one for another run, other media
 * or options, so that no old job under a key used before is taken for a new one. Letters and digits only, as SLNG demands.
 */
export function deriveSlngJobId(
  owner: SlngJobOwner,
  { source: { uri, fingerprint }, options, marker }: Pick<CreateSlngJobInput, 'source' | 'options' | 'marker'>,
): string {
  const identity = [owner.namespace, owner.workflowExecution?.workflowId, uri, fingerprint, options];
  // Jobs that 0.1 began have no marker, and find what they made by the id without one.
  const whole = marker === undefined ? identity : [...identity, marker];
  return `pj${createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, 30)}`;
}
