import type { WorkflowHandle } from '@temporalio/client';

/** What the history says of how activities were tried: their time-outs, and the failures that were no poll's. */
export async function attemptsOf(handle: WorkflowHandle): Promise<{ timeOuts: number; failures: number }> {
  const { events } = await handle.fetchHistory();
  let timeOuts = 0;
  let failures = 0;
  for (const { activityTaskStartedEventAttributes: started, activityTaskTimedOutEventAttributes: over } of events ??
    []) {
    if (over) timeOuts += 1;
    if (started?.lastFailure?.timeoutFailureInfo) timeOuts += 1;
    const type = started?.lastFailure?.applicationFailureInfo?.type;
    if (type && type !== 'JobNotFinished') failures += 1;
  }
  return { timeOuts, failures };
}
