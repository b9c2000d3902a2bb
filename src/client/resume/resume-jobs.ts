import type { Client } from '@temporalio/client';
import { type FailedJobFilter, findFailedJobs } from './failed-jobs.ts';
import { type ResumedJob, resumeJob, type ResumeOptions } from './resume-job.ts';

const atOnce = 10;

/**
 * Resumes every job that a filter means, ten at a time, and yields what each came to. A job that runs by now, since
 * somebody else resumed it, is told as `running`.
 */
export async function* resumeJobs(
  client: Client,
  filter: FailedJobFilter,
  options: ResumeOptions,
): AsyncGenerator<ResumedJob> {
  const some: string[] = [];
  const resumeSome = () => Promise.all(some.splice(0).map((workflowId) => resumeJob(client, workflowId, options)));
  for await (const workflowId of findFailedJobs(client, filter)) {
    some.push(workflowId);
    if (some.length === atOnce) yield* await resumeSome();
  }
  yield* await resumeSome();
}
