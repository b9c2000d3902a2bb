import type { JobFailureDetails, JobResult } from './job.ts';

/** Whose result it is. */
export type JobPlace = Pick<JobResult, 'workflowId' | 'runId' | 'provider'>;

const nothingKnown: Omit<JobResult, keyof JobPlace> = {
  ...{ resource: null, jobId: null, ids: {}, phase: null, status: null, recognised: null, message: null },
  ...{ artifacts: [], missing: [], outcome: null, failure: null, cleanup: null },
  ...{ statusCalls: 0, media: [], startedAt: null, endedAt: null },
};

/** A job's result from what is known of it, which may be little: version 0.1 recorded fewer facts. */
export function jobResultOf<P extends JobPlace>(place: P, known: Partial<JobResult>): JobResult & P {
  const { message = null, failure = null } = known;
  return { ...nothingKnown, ...known, ...place, message: failure?.message ?? message };
}

/** What a lifecycle's failure says of its job; version 0.1 left the last look to speak for the job. */
export function readFailureDetails(details: unknown): Partial<JobResult> | null {
  if (typeof details !== 'object' || details === null) return null;
  const { snapshot, ...known } = details as Partial<JobFailureDetails>;
  const { phase = null, status = null, recognised = null } = snapshot ?? {};
  return { phase, status, recognised, ...known };
}
