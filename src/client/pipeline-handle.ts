import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import type { PipelineStrategy, StepPlace } from '../contract/pipeline.ts';
import { cancelWorkflow } from './job-handle.ts';
import { createJobObserver, type LiveSnapshot } from './live-snapshot.ts';
import { findStepRun, type PipelineResult, readPipelineResult, readSteps } from './pipeline-result.ts';
import { type WatchOptions, watchRun } from './watch.ts';
import { webLink } from './web-link.ts';
import { resolveRun, type RunReference } from './workflow-end.ts';

/** One step of a running pipeline. */
export interface StepSnapshot extends StepPlace {
  /** `null` while the job is not started. */
  snapshot: LiveSnapshot | null;
}

/** Where a pipeline and each of its jobs stand just now. */
export interface PipelineSnapshot {
  workflowId: string;
  runId: string;
  /** Temporal's word for the pipeline's own workflow. */
  workflowStatus: WorkflowExecutionStatusName;
  strategy: PipelineStrategy;
  jobs: StepSnapshot[];
}

/** A started pipeline: its result, its live snapshot, and the way to cancel it with all of its jobs. */
export interface PipelineHandle {
  workflowId: string;
  /** `null` where the handle was made from a workflow id alone: it then stands for the latest run. */
  runId: string | null;
  /** The pipeline in Temporal's Web UI; `null` where it is not known where that is. */
  webUrl: string | null;
  /** Waits for the end. A pipeline that ended badly is a result too; only Temporal out of reach is an error. */
  result(): Promise<PipelineResult>;
  /** Where the jobs stand now; asks Temporal and the workflows, never a provider. */
  snapshot(): Promise<PipelineSnapshot>;
  /** Yields a snapshot whenever something has changed, until the pipeline's workflow has closed. */
  watch(options?: WatchOptions): AsyncIterable<PipelineSnapshot>;
  /** Asks for cancellation of the pipeline and its jobs. Nothing happens to one that has ended. */
  cancel(): Promise<void>;
}

function createPipelineObserver(client: Client, run: RunReference): () => Promise<PipelineSnapshot> {
  let known: ReturnType<typeof readSteps> | null = null;
  const observed = new Map<string, { runId: string; observe: () => Promise<LiveSnapshot>; isRunning: boolean }>();
  const observeStep = async (place: StepPlace): Promise<StepSnapshot> => {
    const { workflowId } = place;
    // A run that is over may be followed by one that goes on, where the job was resumed or started anew.
    let step = observed.get(workflowId);
    if (step?.isRunning !== true) {
      const found = await findStepRun(client, run.workflowId, place);
      if (found === null) return { ...place, snapshot: null };
      const { runId } = found;
      if (step?.runId !== runId) {
        step = { runId, observe: createJobObserver(client, { ...place, runId }), isRunning: true };
        observed.set(workflowId, step);
      }
    }
    const snapshot = await step.observe();
    step.isRunning = snapshot.workflowStatus === 'RUNNING';
    return { ...place, snapshot };
  };
  return async () => {
    const { workflowId, runId } = run;
    known ??= readSteps(client, run);
    const { strategy, steps } = await known;
    // The pipeline first: once it has closed, what is then read of its jobs is final too, save for the losers of a race.
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    const jobs = await Promise.all(steps.map(observeStep));
    return { workflowId, runId, workflowStatus: status.name, strategy, jobs };
  };
}

/** Makes the handle of a pipeline. */
export function createPipelineHandle(
  client: Client,
  target: { workflowId: string; runId: string | null },
  webUrl: string | undefined,
): PipelineHandle {
  const { workflowId, runId } = target;
  return {
    workflowId,
    runId,
    webUrl: webLink(client, target, webUrl),
    result: async () => readPipelineResult(client, await resolveRun(client, target)),
    snapshot: async () => createPipelineObserver(client, await resolveRun(client, target))(),
    async *watch(options = {}) {
      const run = await resolveRun(client, target);
      yield* watchRun(client, run, createPipelineObserver(client, run), options);
    },
    cancel: () => cancelWorkflow(client, target),
  };
}
