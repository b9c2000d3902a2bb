import { log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { createStoreOutcome } from '../../activities/store-outcome.ts';
import { collectWithinMs } from '../../contract/deadlines.ts';
import type { JobResult } from '../../contract/job.ts';
import type { PipelineOutcome } from '../../contract/pipeline.ts';
import { trackWorkflowType } from '../../contract/workflow-types.ts';
import { activityClasses } from './activity-classes.ts';
import type { LifecycleRun } from './lifecycle-run.ts';

type OutcomeActivities = { storeOutcome: ReturnType<typeof createStoreOutcome> };

/**
 * Writes how a job ended beside its artifacts and gives the URI. Of a success it is a result like the others and is
 * waited for; of any other end it is written if it can be soon, and changes nothing.
 */
export async function keepOutcome(run: LifecycleRun, outcome: JobResult): Promise<string | null> {
  if (!run.isVersion2) return null;
  const { phase, failure } = outcome;
  const isSuccess = failure === null && (phase === 'succeeded' || phase === 'partially-succeeded');
  const summary = 'Write down how the job ended';
  const { storeOutcome } = run.activities<OutcomeActivities>(isSuccess ? 'collect' : 'record', 'main', summary);
  try {
    const { workflowId: folder, workflowType } = workflowInfo();
    // What is tracked was made by somebody else.
    const isOurs = workflowType !== trackWorkflowType;
    const origin = isOurs ? { marker: run.marker, credential: run.credential ?? 'default' } : undefined;
    return await storeOutcome({ folder, outcome, origin });
  } catch (error) {
    if (isSuccess) throw error;
    log.warn('How the job ended could not be written to the result store', { error: String(error) });
    return null;
  }
}

/** Writes down that a pipeline is done, which is waited for as a job's results are. A failed one leaves no such file. */
export async function keepPipelineOutcome(outcome: PipelineOutcome): Promise<void> {
  const { workflowId, runId, startTime, taskQueue } = workflowInfo();
  const { storeOutcome } = proxyActivities<OutcomeActivities>({
    scheduleToCloseTimeout: collectWithinMs,
    ...activityClasses.collect,
    taskQueue,
    summary: 'Write down that the pipeline is done',
    allowEagerDispatch: false,
  });
  const times = { startedAt: startTime.toISOString(), endedAt: new Date().toISOString() };
  await storeOutcome({ folder: workflowId, outcome: { workflowId, runId, ...outcome, ...times } });
}
