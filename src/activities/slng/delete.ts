import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { isProviderError } from '../../providers/connection/provider-error.ts';
import { deleteSlngJob as requestDeletion } from '../../providers/slng/slng-calls.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { findSlngJob } from './find-job.ts';
import type { SlngJobInput } from './slng-job.ts';
import { createFailure, retryDelayMs } from '../patience/to-application-failure.ts';

/** Makes the activity that deletes a job and returns only once SLNG shows that it is gone. */
export function createDeleteSlngJob({ connect, timeScale, random }: ActivityDependencies) {
  return async function deleteSlngJob({ jobId, credential }: SlngJobInput): Promise<void> {
    const connection = await connect('slng', credential);
    const signal = cancellationSignal();
    try {
      await requestDeletion(connection, jobId, signal);
    } catch (error) {
      if (isProviderError(error, 'not-found')) return;
      // 409: not deletable yet, or deleted before; the job itself tells which.
      if (!isProviderError(error, 'conflict')) throw error;
    }
    const snapshot = await findSlngJob(connection, jobId, signal);
    if (snapshot === null || snapshot.phase === 'deleted' || snapshot.phase === 'expired') return;
    throw createFailure({
      type: 'JobNotFinished',
      message: `SLNG has not deleted the job yet, it is ${snapshot.status}`,
      nextRetryDelayMs: retryDelayMs({}, activityInfo().attempt, { timeScale, random }),
      benign: true,
    });
  };
}
