import type { JobOutcome, TrackJobInput } from '../contract/job.ts';
import { awaitEnd } from './frame/await-end.ts';
import { runLifecycle } from './frame/lifecycle.ts';

const dayMs = 24 * 3_600_000;

/** Follows one resource at a provider to its end; creates, fetches and deletes nothing. */
export async function trackJob(input: TrackJobInput): Promise<JobOutcome> {
  const { provider, resource, id, observe, deadlineMs = dayMs } = input;
  return runLifecycle({ provider, resource, input, deadlineMs }, async (run) => {
    run.jobId = id;
    const summary = `Follow ${provider} ${resource} ${id}`.slice(0, 200);
    return { snapshot: await awaitEnd(run, { resource, id, observe, startedAtMs: null, summary }) };
  });
}
