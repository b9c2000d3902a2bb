import { activityInfo } from '@temporalio/activity';
import type { Cleanup } from '../../contract/job.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { patiently } from '../patience/patiently.ts';
import { findSlngJob } from './find-job.ts';
import { deriveSlngJobId } from './job-id.ts';
import type { CreateSlngJobInput, SlngJobInput } from './slng-job.ts';

/** What a create that was cancelled between two attempts had made after all. */
export interface LookForSlngJobResult {
  /** `null` where SLNG has no job of this id. */
  jobId: string | null;
  cleanup: Cleanup;
}

// The results of a job that has ended are left where they are: somebody may want them.
const cleanupOf = ({ phase }: JobSnapshot): Cleanup => (isTerminal(phase) ? 'already-finished' : 'not-supported');

/** Makes the activities that look what became of a job when its lifecycle was cancelled; SLNG cannot stop one. */
export function createCancelSlngJob({ connect, ...pace }: ActivityDependencies) {
  return {
    cancelSlngJob: patiently(pace, 'exists', async ({ jobId, credential }: SlngJobInput, { signal }) => {
      const snapshot = await findSlngJob(await connect('slng', credential), jobId, signal);
      return snapshot === null ? ('already-finished' as const) : cleanupOf(snapshot);
    }),

    /** Looks for the job of a create whose answer may have been lost: its id is known before it is asked for. */
    lookForSlngJob: patiently(
      pace,
      'exists',
      async (wanted: CreateSlngJobInput, { signal }): Promise<LookForSlngJobResult> => {
        const jobId = wanted.uploaded?.jobId ?? deriveSlngJobId(activityInfo(), wanted);
        const snapshot = await findSlngJob(await connect('slng', wanted.credential), jobId, signal);
        return snapshot === null ? { jobId: null, cleanup: 'cancelled' } : { jobId, cleanup: cleanupOf(snapshot) };
      },
    ),
  };
}
