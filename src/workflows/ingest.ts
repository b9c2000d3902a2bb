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

// Workers of 0.2 leave the starts to the workflow: three events each.
const mostStarts = 200;

function describe({ counts, known, failed, skipped, left }: IngestResult): string {
  const numbers = `**${String(counts.started)} started**, ${String(known)} known, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`;
  const rest = left === 0 ? '' : `\n\n${String(left)} files are left for the next run.`;
  const failures = failed.slice(0, 20).map(({ path, why }) => `- \`${path}\` failed: ${why}`);
  const skips = skipped.slice(0, 20).map(({ path, why }) => `- \`${path}\` skipped: ${why}`);
  return [numbers + rest, ...failures, ...skips].join('\n');
}

/** Starts a pipeline that outlives this workflow, as the code of 0.2 did; false where its content has one already. */
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
 * Looks at a directory and has one pipeline started for each media file whose work is not done, by content and what is
 * to be done with it. The pipelines go on by themselves: this workflow ends when they have started.
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
  const found = await scanDirectory({ ...input, mostStarts });
  const { starts, known, left, unlisted = 0 } = found;
  const hasStarted = await Promise.all(starts.map(startPipeline));
  const ours = starts.filter((_, index) => hasStarted[index]).map(({ path, workflowId }) => ({ path, workflowId }));
  const started = found.started ?? ours;
  const { failed, skipped } = found;
  const result: IngestResult = {
    started: started.slice(0, mostListed),
    known: known + starts.length - ours.length,
    failed: failed.slice(0, mostListed),
    skipped: skipped.slice(0, mostListed),
    unlisted:
      unlisted + [started, failed, skipped].reduce((sum, { length }) => sum + Math.max(0, length - mostListed), 0),
    left,
    counts: found.counts ?? { started: started.length, done: 0, failed: failed.length, skipped: skipped.length },
  };
  setCurrentDetails(describe(result));
  return result;
}
