import { createNexusServiceClient, workflowInfo } from '@temporalio/workflow';
import { type JobOutcome, nexusEndpoint, providerJobsService } from 'provider-jobs/nexus';

/** What a team wants to know of a recording. */
export interface Captions {
  workflowId: string;
  phase: JobOutcome['phase'];
  artifacts: string[];
}

/** Has a recording transcribed by the team that runs provider-jobs, in whatever namespace that is. */
export async function caption(source: string, endpoint: string = nexusEndpoint): Promise<Captions> {
  const jobs = createNexusServiceClient({ endpoint, service: providerJobsService });
  const { workflowId, phase, artifacts } = await jobs.executeOperation(
    'tiroTranscription',
    // Whoever asks for the same key gets the same job.
    { key: `captions-${workflowInfo().workflowId}`, input: { source, deadline: '30m' } },
    // Some more than the job's own deadline; without one the operation waits for as long as the job takes.
    { scheduleToCloseTimeout: '40m' },
  );
  return { workflowId, phase, artifacts: artifacts.map(({ name }) => name) };
}
