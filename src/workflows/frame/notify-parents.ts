import { CancellationScope, getExternalWorkflowHandle, log, workflowInfo } from '@temporalio/workflow';
import type { JobNotice } from '../../contract/job.ts';
import { jobFinishedSignal, pipelineFinishedSignal } from '../../contract/messages.ts';
import type { PipelineNotice } from '../../contract/pipeline.ts';

/** Who hears of an end: the parent and every workflow in `notify`, each once. */
export function receiversOf(notify: readonly string[]): Set<string> {
  const parent = workflowInfo().parent?.workflowId;
  return new Set(parent === undefined ? notify : [parent, ...notify]);
}

/**
 * Signals an end, addressed without a run id so that it follows a continue-as-new. A receiver that is gone is a normal
 * outcome: logged, never a failure of what has ended.
 */
async function tell(receivers: ReadonlySet<string>, signal: string, notice: JobNotice | PipelineNotice): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    Promise.all(
      [...receivers].map(async (receiver) => {
        try {
          await getExternalWorkflowHandle(receiver).signal<[JobNotice | PipelineNotice]>(signal, notice);
        } catch (error) {
          log.warn('A workflow that wanted to hear of the end is gone', { receiver, error: String(error) });
        }
      }),
    ),
  );
}

/** Signals `jobFinished` to the parent and to every workflow in `notify`. */
export function notifyParents(notify: readonly string[], notice: JobNotice): Promise<void> {
  return tell(receiversOf(notify), jobFinishedSignal, notice);
}

/** Signals `pipelineFinished` to these workflows. */
export function tellPipelineFinished(receivers: ReadonlySet<string>, notice: PipelineNotice): Promise<void> {
  return tell(receivers, pipelineFinishedSignal, notice);
}
