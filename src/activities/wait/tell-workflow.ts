import { activityInfo, getClient, log } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type JobPhaseNews, jobPhaseSignal } from '../../contract/messages.ts';

/**
 * Tells the workflow of this activity that its job has come to another phase, so that the wait need not end for it.
 * @returns whether it knows; where it does not, the next look tells it.
 */
export async function tellWorkflow(news: JobPhaseNews): Promise<boolean> {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) return true;
  const { workflowId, runId } = workflowExecution;
  try {
    await getClient().workflow.getHandle(workflowId, runId).signal(jobPhaseSignal, news);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    log.warn('The workflow could not be told of a new phase; the next look tells it', { error: String(error) });
    return false;
  }
}
