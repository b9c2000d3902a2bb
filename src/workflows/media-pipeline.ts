import { ApplicationFailure } from '@temporalio/common';
import { condition, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { type Again, againMemo } from '../contract/again.ts';
import {
  type MediaPipelineInput,
  type PipelineOutcome,
  type PipelineStrategy,
  stepName,
  stepsOf,
} from '../contract/pipeline.ts';
import { jobFinished } from '../workflow-api.ts';
import { parseWorkflowId, stepKey } from '../contract/workflow-ids.ts';
import { throwIfCancelled } from './frame/commit.ts';
import { isVersion2 } from './frame/version.ts';
import { type PipelineRun, pipelineSteps, tellPipelineEnd } from './pipeline-end.ts';
import { findSteps } from './pipeline-again.ts';
import { emptyJob, letGo, startStep } from './pipeline-step.ts';
import { hear, isSettled, isSuccess, phaseOf, type StepRun } from './step-run.ts';

function checkSteps({ steps }: MediaPipelineInput): void {
  const names = steps.map(stepName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.length > 0 && twice === undefined) return;
  const message =
    twice === undefined ? 'steps: expected at least one' : `steps: two are named ${twice}; give them names`;
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

function describe(input: MediaPipelineInput, runs: readonly StepRun[]): string {
  const lines = input.steps.map((step) => {
    const run = runs.find((each) => each.step === step);
    const state =
      run === undefined
        ? 'not started'
        : isSettled(run)
          ? (phaseOf(run) ?? run.job.failure?.type ?? 'failed')
          : 'running';
    return `- **${stepName(step)}** ${state}${run?.notice?.jobId ? ` (job \`${run.notice.jobId}\`)` : ''}`;
  });
  return lines.join('\n');
}

async function runSteps(input: MediaPipelineInput, pipeline: PipelineRun): Promise<PipelineOutcome> {
  checkSteps(input);
  const { strategy = 'all' } = input;
  const { workflowId, memo } = workflowInfo();
  const again = memo?.[againMemo] as Again | undefined;
  const parsed = parseWorkflowId(workflowId);
  const pipelineKey = parsed?.kind === 'pipeline' ? parsed.key : workflowId;
  const keyOf = (step: MediaPipelineInput['steps'][number]) => stepKey(pipelineKey, stepName(step));
  const runs: StepRun[] = [];
  const tell = () => {
    setCurrentDetails(describe(input, runs));
  };
  pipeline.jobs = () =>
    input.steps.map((step) => runs.find((run) => run.step === step)?.job ?? emptyJob(step, keyOf(step)));
  setHandler(jobFinished, (notice) => {
    hear(runs, notice);
    tell();
  });
  const start = (step: MediaPipelineInput['steps'][number]) => {
    const run = startStep(step, keyOf(step), input, again);
    runs.push(run);
    void run.result.then(tell);
    tell();
    return run;
  };
  const { succeeded: done, inOrder } = await findSteps(input, workflowId, again);

  const strategies: Record<PipelineStrategy, () => Promise<void>> = {
    async all() {
      input.steps.forEach(start);
      await condition(() => runs.every(isSettled));
    },
    async 'first-success'() {
      for (const step of inOrder) {
        const run = start(step);
        await condition(() => isSettled(run) || runs.some(isSuccess));
        if (runs.some(isSuccess)) return;
      }
    },
    async race() {
      (done.length > 0 ? done : input.steps).forEach(start);
      await condition(() => runs.some(isSuccess) || runs.every(isSettled));
      const losers = runs.filter((run) => !isSettled(run));
      // Version 0.1 waited for what the losers' tidying up came to.
      if (losers.length === 0 || !isVersion2()) for (const run of losers) run.cancel();
      else await Promise.all(losers.map(letGo));
    },
  };
  try {
    await strategies[strategy]();
  } finally {
    // Also after a cancellation: the children tidy up, and their results say how it went.
    await Promise.all(runs.filter(({ isLetGo }) => !isLetGo).map(({ result }) => result));
  }
  throwIfCancelled();
  tell();
  const succeeded = strategy === 'all' ? runs.every(isSuccess) : runs.some(isSuccess);
  return { strategy, succeeded, jobs: pipeline.jobs() };
}

/**
 * Runs several jobs over one media file. A notice is news and starts the next step; the pipeline closes only after
 * the result of every child that it started, since closing earlier would cancel the child's last act. The losers of a
 * race are told to end and left to it: they are cancelled already, so that the close does nothing more to them. Run
 * again it takes what succeeded, joins what runs, and lets what failed go on.
 */
export async function mediaPipeline(input: MediaPipelineInput): Promise<PipelineOutcome> {
  const pipeline: PipelineRun = { jobs: () => [] };
  setHandler(pipelineSteps, () => stepsOf(workflowInfo().workflowId, input));
  return tellPipelineEnd(input, pipeline, () => runSteps(input, pipeline));
}
