import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { EventId } from './reset-point.ts';

type ResetRequest = Parameters<Client['workflowService']['resetWorkflowExecution']>[0];

// `VERSIONING_BEHAVIOR_PINNED` and `PINNED_OVERRIDE_BEHAVIOR_PINNED` of the API.
const pinnedBehavior = 1;

/** Pins the new run to the version that is current now: the build that began the old one may be gone. */
async function pinToCurrent(
  client: Client,
  { raw }: WorkflowExecutionDescription,
): Promise<Pick<ResetRequest, 'postResetOperations'>> {
  const deploymentName = raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.deploymentName;
  if (deploymentName == null || deploymentName === '') return {};
  const { namespace } = client.options;
  const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({ namespace, deploymentName });
  const version = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion;
  if (version == null) return {};
  const versioningOverride = { pinned: { behavior: pinnedBehavior, version } };
  const updateWorkflowOptions = {
    workflowExecutionOptions: { versioningOverride },
    updateMask: { paths: ['versioning_override'] },
  };
  return { postResetOperations: [{ updateWorkflowOptions }] };
}

/**
 * Resets a run that has closed to an event and gives the new run. The same run is reset only once, whoever asks and how
 * often: all are given the same new one.
 */
export async function resetRun(
  client: Client,
  description: WorkflowExecutionDescription,
  eventId: EventId,
): Promise<{ runId: string }> {
  const { workflowId, runId } = description;
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'resumed by provider-jobs',
    workflowTaskFinishEventId: eventId,
    requestId: `resume/${runId}`,
    ...(await pinToCurrent(client, description)),
  });
  return { runId: answer.runId };
}
