import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { isProviderError } from '../../providers/connection/provider-error.ts';
import type { JobSnapshot } from '../../snapshot.ts';
import { observeResource } from '../wait/observe-resource.ts';

/** Reads a job once; `null` where SLNG has none of this id, which before the create call is as it should be. */
export async function findSlngJob(
  connection: ProviderConnection,
  id: string,
  signal: AbortSignal,
): Promise<JobSnapshot | null> {
  try {
    return (await observeResource(connection, { provider: 'slng', resource: 'batch-job', id }, signal)).snapshot;
  } catch (error) {
    if (isProviderError(error, 'not-found')) return null;
    throw error;
  }
}
