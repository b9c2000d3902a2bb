import { CancellationScope, getExternalWorkflowHandle, log, workflowInfo } from '@temporalio/workflow';
import type { JobNotice } from '../../contract/job.ts';
import { jobFinishedSignal, type JobFinishedArguments } from '../../contract/messages.ts';

/**
 * Signals `jobFinished` to the parent and to every workflow in `notify`, addressed without a run id so that it
 * follows a continue-as-new. A receiver that is gone is a normal outcome: logged, never a failure of the job.
 */
export async function notifyParents(notify: readonly string[], notice: JobNotice): Promise<void> {
  const parent = workflowInfo().parent?.workflowId;
  const receivers = new Set(parent === undefined ? notify : [parent, ...notify]);
  await CancellationScope.nonCancellable(() =>
    Promise.all(
      [...receivers].map(async (receiver) => {
        try {
          await getExternalWorkflowHandle(receiver).signal<JobFinishedArguments>(jobFinishedSignal, notice);
        } catch (error) {
          log.warn('A workflow that wanted to hear of the end is gone', { receiver, error: String(error) });
        }
      }),
    ),
  );
}
