import type { Cleanup } from '../../contract/job.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isAbsent, isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { deleteSlngJob as requestDeletion } from '../../providers/slng/slng-calls.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import type { Attempt } from '../patience/attempt.ts';
import { jobNotFinished } from '../wait/job-not-finished.ts';
import { type CreateSlngJobInput, deriveSlngJobId, findSlngJob, type SlngJobInput } from './slng-job.ts';

/** What a create that was cancelled between two attempts had made after all. */
export interface LookForSlngJobResult {
  /** `null` where SLNG has no job of this id. */
  jobId: string | null;
  cleanup: Cleanup;
}

// The results of a job that has ended are left where they are: somebody may want them.
const cleanupOf = ({ phase }: JobSnapshot): Cleanup => (isTerminal(phase) ? 'already-finished' : 'not-supported');

/** Looks what became of a job when its lifecycle was cancelled; SLNG cannot stop one. */
export async function cancelSlngJob(
  connection: ProviderConnection,
  { jobId }: SlngJobInput,
  { signal }: Attempt<never>,
): Promise<Cleanup> {
  const snapshot = await findSlngJob(connection, jobId, signal);
  return snapshot === null ? 'already-finished' : cleanupOf(snapshot);
}

/** Looks for the job of a create whose answer may have been lost: its id is known before it is asked for. */
export async function lookForSlngJob(
  connection: ProviderConnection,
  wanted: CreateSlngJobInput,
  { signal }: Attempt<never>,
): Promise<LookForSlngJobResult> {
  const jobId = wanted.uploaded?.jobId ?? deriveSlngJobId(wanted);
  const snapshot = await findSlngJob(connection, jobId, signal);
  return snapshot === null ? { jobId: null, cleanup: 'cancelled' } : { jobId, cleanup: cleanupOf(snapshot) };
}

/** Deletes a job and returns only once SLNG shows that it is gone. */
export async function deleteSlngJob(
  connection: ProviderConnection,
  { jobId }: SlngJobInput,
  attempt: Attempt<never>,
): Promise<void> {
  try {
    await requestDeletion(connection, jobId, attempt.signal);
  } catch (error) {
    if (isAbsent(error)) return;
    // 409: not deletable yet, or deleted before; the job itself tells which.
    if (!isProviderError(error, 'conflict')) throw error;
  }
  const snapshot = await findSlngJob(connection, jobId, attempt.signal);
  if (snapshot === null || snapshot.phase === 'deleted' || snapshot.phase === 'expired') return;
  const words = `it is ${snapshot.status}`;
  const verdict = attempt.judge(new ProviderError({ kind: 'conflict', operation: 'delete the SLNG job', words }));
  throw jobNotFinished(`SLNG has not deleted the job yet, ${words}.`, verdict?.delayMs ?? 0);
}
