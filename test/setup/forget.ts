import { WorkflowNotFoundError } from '@temporalio/client';
import { eventually } from './eventually.ts';
import type { World } from './world.ts';

/** Lets Temporal forget a workflow, as after its retention; asked once too early the server may leave it. */
export async function forget({ client, namespace }: World, workflowId: string): Promise<void> {
  await eventually(`Temporal has forgotten ${workflowId}`, async () => {
    try {
      await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
    } catch {
      // Gone by now, or not yet to be deleted: the description tells.
    }
    return client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => false,
        (error: unknown) => error instanceof WorkflowNotFoundError,
      );
  });
}
