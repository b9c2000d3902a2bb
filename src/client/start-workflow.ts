import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowStartOptions } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { mainTaskQueue } from '../contract/task-queues.ts';
import type { CheckedInput } from './check-input.ts';
import { differingFields, fingerprintInput, fingerprintMemo, type InputFingerprint } from './input-fingerprint.ts';
import { readInput } from './read-input.ts';
import { refuseOversized } from './input-size.ts';
import { KeyInUseError } from './key-in-use-error.ts';
import type { StartRequest } from '../contract/start-requests.ts';

/** How a start takes a workflow of the same id that runs or has closed, and what more its memo holds. */
type StartPolicies = Pick<WorkflowStartOptions, 'workflowIdConflictPolicy' | 'workflowIdReusePolicy' | 'memo'>;

/** Sends a request once, with the input's fingerprint in the memo; null where the workflow that has the id is in the way. */
export async function requestStart(
  client: Client,
  request: StartRequest,
  { memo, ...policies }: StartPolicies,
  inputFingerprint = fingerprintInput(request.input),
): Promise<string | null> {
  const { workflowType, workflowId, input, credential } = request;
  try {
    const handle = await client.workflow.start(workflowType, {
      workflowId,
      taskQueue: mainTaskQueue,
      args: [input],
      ...policies,
      workflowExecutionTimeout: request.executionTimeoutMs,
      typedSearchAttributes: request.searchAttributes,
      memo: { ...memo, [fingerprintMemo]: inputFingerprint },
      staticSummary: request.summary,
      staticDetails: request.details,
      priority: { fairnessKey: credential ?? 'default' },
    });
    return handle.firstExecutionRunId;
  } catch (error) {
    // The key's job has closed: its handle gives the old result.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/**
 * Starts a workflow once: under an id that is taken already, gives the run that has it, whoever started it.
 * @throws InvalidInputError where the input is too large to be sent.
 * @throws KeyInUseError where that run has other input; tracks are joined as they are, save where they do not collect what is wanted.
 */
export async function startWorkflow(
  client: Client,
  request: StartRequest,
  canonical: CheckedInput<unknown>['canonical'] = () => null,
): Promise<{ runId: string }> {
  const { input, workflowId, reusesId } = request;
  await refuseOversized(client, input);
  const wanted = fingerprintInput(input);
  const startedRunId = await requestStart(
    client,
    request,
    {
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: reusesId ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : WorkflowIdReusePolicy.REJECT_DUPLICATE,
    },
    wanted,
  );
  const { joinsIf } = request;
  if (reusesId && startedRunId !== null && joinsIf?.length === 0) return { runId: startedRunId };
  const { runId, memo } = await client.workflow.getHandle(workflowId, startedRunId ?? undefined).describe();
  const existing = memo?.[fingerprintMemo] as InputFingerprint | undefined;
  const differing = existing === undefined ? null : differingFields(existing, wanted);
  const inTheWay = differing?.filter((field) => joinsIf?.includes(field) ?? true);
  if (inTheWay?.length === 0) return { runId };
  if (joinsIf !== undefined) throw new KeyInUseError(workflowId, inTheWay ?? []);
  const [theirs, ours] = [await readInput(client, { workflowId, runId }), input].map(canonical);
  if (theirs == null || ours == null) throw new KeyInUseError(workflowId, []);
  const fields = differingFields(fingerprintInput(theirs), fingerprintInput(ours));
  if (fields.length > 0) throw new KeyInUseError(workflowId, fields);
  return { runId };
}
