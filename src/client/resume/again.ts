import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Again } from '../../contract/again.ts';
import {
  type MediaPipelineInput,
  type PipelineOutcome,
  type PipelineStrategy,
  type StepPlace,
  stepsMemo,
} from '../../contract/pipeline.ts';
import { pipelineStart } from '../../contract/start-requests.ts';
import { parseWorkflowId } from '../../contract/workflow-ids.ts';
import { canonicalPipelineInput } from '../check-input.ts';
import { readJobResult } from '../job-result.ts';
import { pipelineDeadlineMs } from '../pipeline-input.ts';
import { readSteps } from '../pipeline-result.ts';
import { readInput } from '../read-input.ts';
import { describeLatest, endedBadly, isBeingCancelled, isOpen, priorityOf } from '../run-end.ts';
import { startWorkflow } from '../start-workflow.ts';
import { awaitWorkflowEnd } from '../workflow-end.ts';
import { planResume, type ResumePlan } from './plan.ts';

/** How a pipeline is run again. */
export interface AgainOptions {
  /** Only says what would be done. Default false. */
  dryRun?: boolean | undefined;
  /** Starts anew also the jobs that their provider itself reported as failed. Default false. */
  failedAtProvider?: boolean | undefined;
}

/**
 * What becomes of a step: its result is taken, it is joined, goes on where it stopped, is started anew or for the first
 * time, or is kept as its provider ended it.
 */
export interface AgainStep extends StepPlace {
  does: 'take' | 'join' | 'resume' | 'restart' | 'start' | 'keep';
  /** Why it is restarted or kept; `null` otherwise. */
  why: string | null;
  /** How it goes on; `null` unless it is resumed. */
  plan: ResumePlan | null;
}

/** What running a pipeline again came to. */
export interface PipelineAgain {
  workflowId: string;
  /** `started`; `startable` with `dryRun`; `running`: it runs, perhaps since somebody else ran it again; `refused`: see `why`. */
  outcome: 'started' | 'startable' | 'running' | 'refused';
  runId: string | null;
  why: string | null;
  steps: AgainStep[];
}

async function planStep(
  client: Client,
  place: StepPlace,
  { failedAtProvider, acceptPartial }: { failedAtProvider: boolean; acceptPartial: boolean },
): Promise<AgainStep> {
  const { workflowId, provider } = place;
  const step = (does: AgainStep['does'], why: string | null = null, plan: ResumePlan | null = null) => {
    return { ...place, does, why, plan };
  };
  const job = await describeLatest(client, workflowId);
  if (job === null) return step('start');
  if (isBeingCancelled(job)) return step('restart', 'it is being cancelled: it goes on or is started anew after that');
  if (isOpen(job)) return step('join');
  if (!endedBadly(job)) {
    const { phase } = await readJobResult(client, { workflowId, runId: job.runId, provider });
    if (phase === 'succeeded' || (acceptPartial && phase === 'partially-succeeded')) return step('take');
    const why = `${provider} has ended it as ${phase ?? 'unknown'}`;
    return failedAtProvider ? step('restart', why) : step('keep', `${why}; --failed-at-provider starts it anew`);
  }
  const found = await planResume(client, job, {});
  if (!('why' in found)) return step('resume', null, found.plan);
  return step(found.mayBePaidTwice === true ? 'keep' : 'restart', found.why);
}

/** Whether a run of a pipeline completed and had the success that its strategy asks for. */
async function hasSucceeded(client: Client, { status, ...run }: WorkflowExecutionDescription): Promise<boolean> {
  if (status.name !== 'COMPLETED') return false;
  const end = await awaitWorkflowEnd<PipelineOutcome>(client, run);
  return 'result' in end && end.result.succeeded;
}

/** The last run of a pipeline, where it has ended without success; `null` for any other. */
export async function findUnsuccessful(client: Client, workflowId: string): Promise<{ runId: string } | null> {
  const existing = await describeLatest(client, workflowId);
  if (existing === null || isOpen(existing)) return null;
  return (await hasSucceeded(client, existing)) ? null : { runId: existing.runId };
}

const notOurs = 'expected the workflow id of a pipeline, media-pipeline/…';
const invalidInput = 'its input is not valid: start it with a correct one, under another key where a step was made';

/** What keeps a pipeline from success though nothing of it is left to do; `null` where it may have success. */
function findObstacle(strategy: PipelineStrategy, steps: readonly AgainStep[]): string | null {
  const kept = steps.filter(({ does }) => does === 'keep');
  if (kept.length === 0 || !steps.every(({ does }) => does === 'keep' || does === 'take')) return null;
  if (strategy !== 'all' && kept.length < steps.length) return null;
  return kept.map(({ step, why }) => `${step}: ${why ?? ''}`).join('; ');
}

/** Runs a pipeline again and pays only for what failed; whoever asks while it runs is given the same run. */
export async function runAgain(
  client: Client,
  workflowId: string,
  { dryRun = false, failedAtProvider = false }: AgainOptions = {},
): Promise<PipelineAgain> {
  const refuse = (why: string, runId: string | null, steps: AgainStep[] = []): PipelineAgain => {
    return { workflowId, outcome: 'refused', runId, why, steps };
  };
  if (parseWorkflowId(workflowId)?.kind !== 'pipeline') return refuse(notOurs, null);
  const existing = await describeLatest(client, workflowId);
  if (existing === null) return refuse('Temporal does not know it (any more): start it anew', null);
  const { runId, status } = existing;
  if (isBeingCancelled(existing)) {
    return refuse('it is being cancelled and tidies up: ask again once it has ended', runId);
  }
  if (isOpen(existing)) {
    return { workflowId, outcome: 'running', runId, why: null, steps: [] };
  }
  if (await hasSucceeded(client, existing)) return refuse('it has succeeded', runId);
  const places = await readSteps(client, { workflowId, runId });
  const input = (await readInput(client, { workflowId, runId })) as MediaPipelineInput;
  if (canonicalPipelineInput(input) === null) return refuse(invalidInput, runId);
  const steps = await Promise.all(
    places.steps.map((place, index) => {
      const acceptPartial = input.steps[index]?.acceptPartial === true;
      return planStep(client, place, { failedAtProvider, acceptPartial });
    }),
  );
  const obstacle = status.name === 'COMPLETED' ? findObstacle(places.strategy, steps) : null;
  if (obstacle !== null) return refuse(obstacle, runId, steps);
  if (dryRun) return { workflowId, outcome: 'startable', runId, why: null, steps };
  const mode: Again = failedAtProvider ? 'failed-at-provider' : 'failed-steps';
  const request = {
    ...pipelineStart({ input, key: workflowId, deadlineMs: pipelineDeadlineMs(input) }),
    ...{ workflowId, taskQueue: existing.taskQueue, priority: priorityOf(existing), memo: { [stepsMemo]: places } },
  };
  const started = await startWorkflow(client, request, { canonical: canonicalPipelineInput, again: { mode, runId } });
  return { workflowId, outcome: 'started', runId: started.runId, why: null, steps };
}
