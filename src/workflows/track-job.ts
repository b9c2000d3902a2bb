import type { JobOutcome } from '../contract/job.ts';
import type { ProviderName } from '../providers/registry.ts';
import { awaitEnd } from './frame/await-end.ts';
import { runLifecycle } from './frame/lifecycle.ts';

/** A job that somebody else created. */
export interface TrackJobInput {
  provider: ProviderName;
  /** The resource's short name, for instance `batch`. */
  resource: string;
  id: string;
  credential?: string | undefined;
  /** Milliseconds; 24 hours where none is given. */
  deadlineMs?: number | undefined;
  /** `phases` (default) records every change, `terminal` only the end, at 12 history events in all. */
  observe?: 'phases' | 'terminal' | undefined;
  /** Workflow ids that get a `jobFinished` signal at the end. */
  notify?: string[] | undefined;
}

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
