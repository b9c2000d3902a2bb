import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { createIngestActivities } from '../activities/ingest/ingest.ts';
import { type IngestInput, type IngestResult, mostListed, type PipelineToStart } from '../contract/ingest.ts';
import { pipelineWorkflowType } from '../contract/workflow-types.ts';
import { activityClasses } from './frame/activity-classes.ts';

// Bounds the history: each start is three events.
const mostStarts = 200;

function describe({ started, known, failed, skipped, left }: IngestResult): string {
  const counts = `**${String(started.length)} started**, ${String(known)} known, ${String(failed.length)} failed, ${String(skipped.length)} skipped`;
  const rest = left === 0 ? '' : `\n\n${String(left)} files are left for the next run.`;
  const failures = failed.slice(0, 20).map(({ path, why }) => `- \`${path}\` failed: ${why}`);
  const skips = skipped.slice(0, 20).map(({ path, why }) => `- \`${path}\` skipped: ${why}`);
  return [counts + rest, ...failures, ...skips].join('\n');
}

/** Starts a pipeline that outlives this workflow; false where its content has one already. */
async function startPipeline({ workflowId, input, executionTimeoutMs, summary, details }: PipelineToStart) {
  try {
    await startChild(pipelineWorkflowType, {
      workflowId,
      args: [input],
      taskQueue: workflowInfo().taskQueue,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowExecutionTimeout: executionTimeoutMs,
      staticSummary: summary,
      staticDetails: details,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/**
 * Looks at a directory and starts one pipeline for each media file that has none, by content. The pipelines go on
 * by themselves: this workflow ends when they have started.
 */
export async function ingest(input: IngestInput): Promise<IngestResult> {
  const summary = `Look for new media in ${input.directory}`.slice(0, 200);
  setCurrentDetails(summary);
  const { scanDirectory } = proxyActivities<ReturnType<typeof createIngestActivities>>({
    // It reads what it hashes, so it takes the time of a transfer.
    ...activityClasses.collect,
    taskQueue: workflowInfo().taskQueue,
    summary,
    allowEagerDispatch: false,
  });
  const { starts, known, failed, skipped, left, unlisted = 0 } = await scanDirectory({ ...input, mostStarts });
  const hasStarted = await Promise.all(starts.map(startPipeline));
  const started = starts.filter((_, index) => hasStarted[index]).map(({ path, workflowId }) => ({ path, workflowId }));
  const result: IngestResult = {
    started,
    known: known + starts.length - started.length,
    failed: failed.slice(0, mostListed),
    skipped: skipped.slice(0, mostListed),
    unlisted: unlisted + Math.max(0, failed.length - mostListed) + Math.max(0, skipped.length - mostListed),
    left,
  };
  setCurrentDetails(describe(result));
  return result;
}
