import { createNexusServiceClient, NexusOperationCancellationType } from '@temporalio/workflow';
import type { JobOutcome, LifecycleInputs } from '../../src/nexus.ts';
import { providerJobsService } from '../../src/nexus.ts';

/** What a caller is to ask for. */
export interface Call {
  endpoint: string;
  key?: string;
  input: LifecycleInputs['tiro'];
}

/** Has one Tiro job done over Nexus. */
export async function callTiro({ endpoint, ...job }: Call): Promise<JobOutcome> {
  const jobs = createNexusServiceClient({ endpoint, service: providerJobsService });
  return jobs.executeOperation('tiroTranscription', job, {
    scheduleToCloseTimeout: '60s',
    // One that was joined goes on, and is not waited for.
    cancellationType: NexusOperationCancellationType.WAIT_CANCELLATION_REQUESTED,
  });
}
