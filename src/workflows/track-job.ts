import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../contract/failures.ts';
import type { JobOutcome, TrackJobInput } from '../contract/job.ts';
import { collects } from './collects.ts';
import { awaitEnd } from './frame/await-end.ts';
import { runLifecycle } from './frame/lifecycle.ts';

const dayMs = 24 * 3_600_000;

function findCollect(resource: string) {
  if (Object.hasOwn(collects, resource)) return collects[resource];
  const message = `collect: a ${resource} has no results; those that have are ${Object.keys(collects).join(', ')}`;
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput' satisfies FailureType);
}

/** Follows one resource at a provider to its end, and stores its results if asked to; creates and deletes nothing there. */
export async function trackJob(input: TrackJobInput): Promise<JobOutcome> {
  const { provider, resource, id, observe, deadlineMs = dayMs } = input;
  const keepsOutcome = input.collect === true;
  const hearsPhases = keepsOutcome || observe !== 'terminal';
  return runLifecycle({ provider, resource, input, deadlineMs, keepsOutcome, hearsPhases }, async (run) => {
    run.jobId = id;
    const collect = keepsOutcome ? findCollect(run.resourceName) : undefined;
    const summary = `Follow ${provider} ${resource} ${id}`.slice(0, 200);
    const { snapshot } = await awaitEnd(run, { resource, id, observe, startedAtMs: null, summary });
    const hasResults = snapshot.phase === 'succeeded' || snapshot.phase === 'partially-succeeded';
    if (collect === undefined || !hasResults) return { snapshot };
    const { lost, files } = await collect(run, input);
    return { snapshot: lost ?? snapshot, ...(files === undefined ? {} : { files }) };
  });
}
