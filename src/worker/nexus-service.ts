import {
  ApplicationFailure,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/common';
import {
  getClient,
  operationInfo,
  startWorkflow as startForOperation,
  type WorkflowHandle,
  WorkflowRunOperationHandler,
} from '@temporalio/nexus';
import * as nexus from 'nexus-rpc';
import { z } from 'zod';
import { findInputFaults } from '../client/input-faults.ts';
import { InvalidInputError } from '../client/invalid-input-error.ts';
import { jobRequest } from '../client/job-request.ts';
import { readJobResult } from '../client/job-result.ts';
import { KeyInUseError } from '../client/key-in-use-error.ts';
import { requestStart, type SendStart, startWorkflow } from '../client/start-workflow.ts';
import type { FailureType } from '../contract/failures.ts';
import type { JobOutcome } from '../contract/job.ts';
import { lifecycleWorkflowTypes } from '../contract/workflow-types.ts';
import { type NexusJob, providerJobsService } from '../nexus.ts';
import type { LifecycleProvider } from '../providers/lifecycle-inputs.ts';

// The rest of what is given is checked as by the client.
const words = z.strictObject({
  input: z.record(z.string(), z.unknown()),
  key: z.unknown().optional(),
  priority: z.unknown().optional(),
});

/** A job that was started or joined for an operation, or the outcome of one that had ended already. */
type FoundJob = { handle: WorkflowHandle<JobOutcome>; isJoined: boolean } | { outcome: JobOutcome };

async function startOrJoin<P extends LifecycleProvider>(
  ctx: nexus.StartOperationContext,
  provider: P,
  given: NexusJob<P>,
): Promise<FoundJob> {
  const client = getClient();
  const faults = findInputFaults(words, given);
  if (faults.length > 0) throw new InvalidInputError(faults);
  const { input, priority } = given;
  // Of all that comes along with a request, its id alone is the same when it is sent again.
  const key = given.key ?? ctx.requestId;
  const { taskQueue } = operationInfo();
  const { request, canonical } = jobRequest(client, { provider, given: input, options: { key, priority }, taskQueue });
  const sent: { handle?: WorkflowHandle<JobOutcome> } = {};
  const sendWith =
    (policy: { workflowIdConflictPolicy?: WorkflowIdConflictPolicy }): SendStart =>
    async (workflowType, options) => {
      const handle = await startForOperation(ctx, workflowType, { ...options, ...policy });
      sent.handle = handle as WorkflowHandle<JobOutcome>;
      return { runId: handle.runId ?? '' };
    };
  for (;;) {
    const { runId, isJoined } = await startWorkflow(client, request, { canonical, send: sendWith({}) });
    if (!isJoined && sent.handle !== undefined) return { handle: sent.handle, isJoined };
    // Judged to be the same job, it is to tell this operation too of its end.
    const joins = sendWith({ workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING });
    await requestStart(client, request, {}, WorkflowIdReusePolicy.REJECT_DUPLICATE, joins);
    if (sent.handle !== undefined) return { handle: sent.handle, isJoined };
    const { workflowId } = request;
    const result = await readJobResult(client, { workflowId, runId, provider });
    if (result.failure === null) return { outcome: result as JobOutcome };
    // It has failed meanwhile, and gives way.
  }
}

/** What was asked for can never be done: the caller is not to try it again. */
function refuse(error: unknown): never {
  const refusal = (kind: nexus.HandlerErrorType, type: FailureType, { message }: Error) =>
    new nexus.HandlerError(kind, message, { cause: ApplicationFailure.nonRetryable(message, type) });
  if (error instanceof InvalidInputError) throw refusal('BAD_REQUEST', 'InvalidInput', error);
  if (error instanceof KeyInUseError) throw refusal('BAD_REQUEST', 'KeyInUse', error);
  throw error;
}

// Before the token of an operation whose job somebody else had started.
const joinedMark = 'joined.';

/** The operation of one provider's lifecycle. A job that it joined is not cancelled with it. */
function jobOperation<P extends LifecycleProvider>(provider: P): nexus.OperationHandler<NexusJob<P>, JobOutcome> {
  return {
    async start(ctx, given) {
      const found = await startOrJoin(ctx, provider, given).catch(refuse);
      if ('outcome' in found) return nexus.HandlerStartOperationResult.sync(found.outcome);
      const { handle, isJoined } = found;
      const run = new WorkflowRunOperationHandler<NexusJob<P>, JobOutcome>(() => Promise.resolve(handle));
      const started = await run.start(ctx, given);
      return isJoined && started.isAsync
        ? nexus.HandlerStartOperationResult.async(`${joinedMark}${started.token}`)
        : started;
    },
    async cancel(ctx, token) {
      if (token.startsWith(joinedMark)) return;
      const run = new WorkflowRunOperationHandler<NexusJob<P>, JobOutcome>(() => Promise.reject(new Error('unused')));
      try {
        await run.cancel(ctx, token);
      } catch (error) {
        // It has ended, which the operation hears of.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

type Operations = (typeof providerJobsService)['operations'];

/** The handlers of the Nexus service, for workers of the main queue: jobs run on the queue that the endpoint names. */
export function createNexusService(): nexus.ServiceHandler<Operations> {
  const handlers = Object.entries(lifecycleWorkflowTypes).map(([provider, workflowType]) => [
    workflowType,
    jobOperation(provider as LifecycleProvider),
  ]);
  return nexus.serviceHandler(providerJobsService, Object.fromEntries(handlers) as nexus.ServiceHandlerFor<Operations>);
}
