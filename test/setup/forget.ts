import { WorkflowNotFoundError } from '@temporalio/client';
import { eventually } from './eventually.ts';
import type { World } from './world.ts';

/** Lets Temporal forget a workflow that has closed, as after its retention. */
export async function forget({ client, namespace }: World, workflowId: string): Promise<void> {
  // Asked before its close is dealt with, the server puts it off for long.
  await eventually(`${workflowId} is listed as closed`, async () => {
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`;
    return (await client.workflow.count(query)).count > 0;
  });
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  const isForgotten = () =>
    client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => false,
        (error: unknown) => error instanceof WorkflowNotFoundError,
      );
  await eventually(`Temporal has forgotten ${workflowId}`, isForgotten, 60_000);
}
