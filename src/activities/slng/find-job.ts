import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isProviderError } from '../../providers/connection/provider-error.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import { batchJob } from '../../providers/slng/batch-job.ts';
import { observeResource } from '../wait/observe-resource.ts';

/** Reads a job once; `null` where SLNG has none of this id, which before the create call is as it should be. */
export async function findSlngJob(
  connection: ProviderConnection,
  id: string,
  signal: AbortSignal,
): Promise<JobSnapshot | null> {
  try {
    const target = { provider: 'slng', name: 'batch-job', resource: batchJob, id };
    return (await observeResource(connection, target, signal)).snapshot;
  } catch (error) {
    if (isProviderError(error, 'not-found')) return null;
    throw error;
  }
}
