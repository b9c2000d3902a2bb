import type { Client } from '@temporalio/client';
import { type FailedJobFilter, findFailedJobs } from './failed-jobs.ts';
import { describeLatest, isOpen } from '../run-end.ts';
import type { RunReference } from '../workflow-end.ts';
import { type ResumedJob, resumeJob, type ResumeOptions } from './resume-job.ts';

const atOnce = 10;

/** Resumes a job; `null` where a later run than the one that was found has ended, whichever way. */
async function resumeFound(client: Client, { workflowId, runId }: RunReference, options: ResumeOptions) {
  const latest = await describeLatest(client, workflowId);
  const isOver = latest === null || (latest.runId !== runId && !isOpen(latest));
  return isOver ? null : resumeJob(client, workflowId, options);
}

/**
 * Resumes every job that a filter means, ten at a time, and yields what each came to. A job that runs by now, since
 * somebody else resumed it, is told as `running`; one that has ended anew since is passed over.
 */
export async function* resumeJobs(
  client: Client,
  filter: FailedJobFilter,
  options: ResumeOptions,
): AsyncGenerator<ResumedJob> {
  const some: RunReference[] = [];
  const resumeSome = async () => {
    const resumed = await Promise.all(some.splice(0).map((found) => resumeFound(client, found, options)));
    return resumed.filter((each) => each !== null);
  };
  for await (const found of findFailedJobs(client, filter, options)) {
    some.push(found);
    if (some.length === atOnce) yield* await resumeSome();
  }
  yield* await resumeSome();
}
