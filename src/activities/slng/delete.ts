import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import { deleteSlngJob as requestDeletion } from '../../providers/slng/slng-calls.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { patiently } from '../patience/patiently.ts';
import { jobNotFinished } from '../wait/job-not-finished.ts';
import { findSlngJob } from './find-job.ts';
import type { SlngJobInput } from './slng-job.ts';

/** Makes the activity that deletes a job and returns only once SLNG shows that it is gone. */
export function createDeleteSlngJob({ connect, ...pace }: ActivityDependencies) {
  return patiently(pace, 'exists', async ({ jobId, credential }: SlngJobInput, attempt): Promise<void> => {
    const connection = await connect('slng', credential);
    const { signal } = attempt;
    try {
      await requestDeletion(connection, jobId, signal);
    } catch (error) {
      if (isProviderError(error, 'not-found')) return;
      // 409: not deletable yet, or deleted before; the job itself tells which.
      if (!isProviderError(error, 'conflict')) throw error;
    }
    const snapshot = await findSlngJob(connection, jobId, signal);
    if (snapshot === null || snapshot.phase === 'deleted' || snapshot.phase === 'expired') return;
    const words = `it is ${snapshot.status}`;
    const verdict = attempt.judge(new ProviderError({ kind: 'conflict', operation: 'delete the SLNG job', words }));
    throw jobNotFinished(`SLNG has not deleted the job yet, ${words}.`, verdict?.delayMs ?? 0);
  });
}
