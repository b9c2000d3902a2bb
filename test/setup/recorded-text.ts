import type { Client } from '@temporalio/client';

/** Everything that the server holds of a workflow, with what stands in payloads as text: for looking for secrets. */
export async function readRecordedText({ workflow, workflowService, options }: Client, workflowId: string) {
  const { namespace } = options;
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  const description = await workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
  const base64 = /^(?:[\w+/]{4})+(?:[\w+/]{2}==|[\w+/]{3}=)?$|^(?:[\w+/]{2}==|[\w+/]{3}=)$/;
  return JSON.stringify([events, description], (_key, value: unknown) =>
    typeof value === 'string' && base64.test(value)
      ? `${value} ${Buffer.from(value, 'base64').toString('latin1')}`
      : value,
  );
}
