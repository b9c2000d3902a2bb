import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import {
  type ChildWorkflowHandle,
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { ExistingJobActivities } from '../contract/existing-job.ts';
import type { JobOutcome } from '../contract/job.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';

/** A workflow of a job. */
export type JobWorkflow = (input: unknown) => Promise<JobOutcome>;

/** What is asked of the workers of a task queue about jobs that exist. */
export const existing = (taskQueue: string, summary: string) =>
  proxyActivities<ExistingJobActivities>({
    taskQueue,
    startToCloseTimeout: '1m',
    retry: { initialInterval: '1s', maximumInterval: '1m' },
    allowEagerDispatch: false,
    summary,
  });

/** A job that was started or joined. */
export interface StartedJob extends Pick<
  ChildWorkflowHandle<JobWorkflow>,
  'workflowId' | 'firstExecutionRunId' | 'result' | 'signal'
> {
  /** Whether somebody else's job was joined, which is not cancelled with the caller. */
  isOthers?: boolean;
}

/** A job that this workflow did not start, as if it had; cancelled with it only where it runs by its doing. */
export function joinedJob(
  job: { workflowId: string; provider: LifecycleProvider; taskQueue: string },
  runId: string,
  isOurs: boolean,
): StartedJob {
  const { workflowId, provider, taskQueue } = job;
  const { awaitJob } = existing(taskQueue, `Wait for ${workflowId}, which exists already`.slice(0, 200));
  const awaitEnd = async () => {
    try {
      return await awaitJob({ workflowId, provider });
    } catch (error) {
      if (!isCancellation(error) || !isOurs) return throwCause(error);
      return CancellationScope.nonCancellable(async () => {
        await getExternalWorkflowHandle(workflowId, runId)
          .cancel()
          .catch(() => undefined);
        return awaitJob({ workflowId, provider });
      });
    }
  };
  const outside = getExternalWorkflowHandle(workflowId);
  const handle: StartedJob = {
    workflowId,
    firstExecutionRunId: runId,
    isOthers: !isOurs,
    signal: (signal, ...args) => outside.signal(signal, ...args),
    async result() {
      const result = await awaitEnd();
      if (result.failure === null) return result as JobOutcome;
      const { type, message } = result.failure;
      throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [result] });
    },
  };
  return handle;
}

/** Throws what an activity said in place of the SDK's words around it. */
export function throwCause(error: unknown): never {
  throw error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
}
