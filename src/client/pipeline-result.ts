import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { JobResult } from '../contract/job.ts';
import { jobResultOf } from '../contract/job-result.ts';
import {
  notStarted,
  type PipelineOutcome,
  type PipelineSteps,
  type PipelineStrategy,
  type StepPlace,
  stepsMemo,
} from '../contract/pipeline.ts';
import { pipelineStepsQuery } from '../contract/messages.ts';
import { readJobResult } from './job-result.ts';
import { awaitWorkflowEnd, type RunReference } from './workflow-end.ts';

/** How one step of a pipeline ended; a step that was not started has the failure `NotStarted`. */
export type StepResult = JobResult & { step: string };

/** How a pipeline ended, whichever way: what commands print as JSON. */
export interface PipelineResult {
  workflowId: string;
  runId: string;
  strategy: PipelineStrategy;
  /** `all`: every job succeeded; `first-success` and `race`: one did. */
  succeeded: boolean;
  /** `null` for a pipeline with an outcome; else a failure type, `Cancelled`, `Terminated` or `TimedOut`. */
  failure: { type: string; message: string } | null;
  jobs: StepResult[];
}

const answerWithinMs = 10_000;

/**
 * The steps of a pipeline in their order: from its memo, or, where it was started by other means, from itself, for which
 * a workflow worker must run.
 */
export async function readSteps(client: Client, { workflowId, runId }: RunReference): Promise<PipelineSteps> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { memo } = await handle.describe();
  const known = memo?.[stepsMemo] as PipelineSteps | undefined;
  if (known !== undefined) return known;
  return client.connection.withDeadline(Date.now() + answerWithinMs, () =>
    handle.query<PipelineSteps>(pipelineStepsQuery),
  );
}

/** The run of a step's job; `null` where the pipeline has not started it. */
export async function findStepRun(client: Client, pipelineId: string, { workflowId }: StepPlace) {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    // The id may belong to a job that somebody started before the pipeline came.
    if (description.parentExecution?.workflowId !== pipelineId) return null;
    return { runId: description.runId, isRunning: description.status.name === 'RUNNING' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** How a step ended whose pipeline cannot say so any more. */
async function readStep(
  client: Client,
  pipelineId: string,
  place: StepPlace,
  failure: { type: string },
): Promise<StepResult> {
  const found = await findStepRun(client, pipelineId, place);
  const { step, provider, workflowId } = place;
  if (found !== null && !found.isRunning) {
    return { step, ...(await readJobResult(client, { workflowId, runId: found.runId, provider })) };
  }
  const stillCancelled = { type: failure.type, message: 'the pipeline ended; this job was still being cancelled' };
  const known = { failure: found === null ? notStarted : stillCancelled };
  return jobResultOf({ step, workflowId, runId: found?.runId ?? null, provider }, known);
}

/** Waits for a pipeline's end and says how it and each of its jobs went; only Temporal out of reach is an error. */
export async function readPipelineResult(client: Client, run: RunReference): Promise<PipelineResult> {
  const { workflowId, runId } = run;
  const end = await awaitWorkflowEnd<PipelineOutcome>(client, run);
  if ('result' in end) {
    const jobs = end.result.jobs.map((job) => jobResultOf(job, job));
    return { workflowId, runId, ...end.result, jobs, failure: null };
  }
  const { failure } = end;
  const { strategy, steps } = await readSteps(client, run);
  const jobs = await Promise.all(steps.map((place) => readStep(client, workflowId, place, failure)));
  return { workflowId, runId, strategy, succeeded: false, failure, jobs };
}
