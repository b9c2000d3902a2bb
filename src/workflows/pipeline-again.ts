import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Again } from '../contract/again.ts';
import type { ExistingJobActivities } from '../contract/existing-job.ts';
import { type MediaPipelineInput, type PipelineStep, stepsOf } from '../contract/pipeline.ts';
import { activityClasses } from './frame/activity-classes.ts';

/** The steps of a pipeline, by what became of their jobs when it ran before. */
export interface FoundSteps {
  succeeded: PipelineStep[];
  /** In the order in which it costs least to try them: what succeeded, what runs, the rest as given. */
  inOrder: PipelineStep[];
}

/** Looks what the jobs of a pipeline that is run again have come to; of one that runs for the first time there are none. */
export async function findSteps(
  input: MediaPipelineInput,
  workflowId: string,
  again: Again | undefined,
): Promise<FoundSteps> {
  const { steps } = input;
  if (again === undefined) return { succeeded: [], inOrder: steps };
  const { findSteps: look } = proxyActivities<ExistingJobActivities>({
    ...activityClasses.read,
    taskQueue: workflowInfo().taskQueue,
    summary: 'Look what became of the steps when they ran before',
    allowEagerDispatch: false,
  });
  const places = stepsOf(workflowId, input).steps;
  const states = await look({
    steps: places.map((place, index) => ({ ...place, acceptPartial: steps[index]?.acceptPartial === true })),
  });
  const inState = (wanted: string) => steps.filter((_, index) => states[index] === wanted);
  const succeeded = inState('succeeded');
  return { succeeded, inOrder: [...succeeded, ...inState('running'), ...inState('other')] };
}
