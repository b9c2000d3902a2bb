import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import { lifecycleWorkflowTypes, pipelineWorkflowType } from '../../src/contract/workflow-types.ts';
import type { PipelineOutcome } from '../../src/contract/pipeline.ts';
import { defaultTaskQueue } from '../../src/contract/task-queues.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

// Without a cache every workflow task begins at the first event, as after the loss of a worker.
describe('on a worker that caches no workflow', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({
      worker: { workerOptions: { maxCachedWorkflows: 0 } },
      simulator: { chunkSizeBytes: 100_000 },
    });
    source = await world.writeSource('clip.wav', makeWav(30));
  });
  afterAll(() => world.close());

  /** Runs a workflow to its end, makes sure that each task was a replay, and replays what came of it once more. */
  async function run<T>(type: string, workflowId: string, input: object): Promise<T> {
    const handle = await world.start(type, workflowId, { source, ...input });
    const result = (await handle.result()) as T;
    const history = await handle.fetchHistory();
    const queues = history.events?.flatMap(
      ({ workflowTaskScheduledEventAttributes: task }) => task?.taskQueue?.name ?? [],
    );
    expect(queues?.length).toBeGreaterThan(3);
    expect(new Set(queues)).toEqual(new Set([defaultTaskQueue]));
    const code = { workflowBundle: { codePath: inject('workflowBundlePath') } };
    await expect(Worker.runReplayHistory(code, history, workflowId)).resolves.toBeUndefined();
    return result;
  }

  it.each(Object.entries(lifecycleWorkflowTypes))('a job at %s succeeds', async (provider, type) => {
    const { phase } = await run<JobOutcome>(type, `provider-job/${provider}/uncached`, {});
    expect(phase).toBe('succeeded');
  });

  it('a pipeline succeeds', async () => {
    const steps = Object.keys(lifecycleWorkflowTypes).map((provider) => ({ provider }));
    const { succeeded, jobs } = await run<PipelineOutcome>(pipelineWorkflowType, 'media-pipeline/uncached', { steps });
    expect({ succeeded, jobs: jobs.length }).toEqual({ succeeded: true, jobs: steps.length });
  });
});
