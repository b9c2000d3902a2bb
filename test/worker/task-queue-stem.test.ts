import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ProviderJobs } from '../../src/client.ts';
import { allQueues, countPollers } from '../../src/cli/task-queue-pollers.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { applySchedules } from '../../src/schedules.ts';
import { lastJson, runProgram } from '../cli/run-program.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const taskQueue = 'jobs-of-a-team';
const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];

describe('workers with a stem of their own', () => {
  let world: World;
  let jobs: ProviderJobs;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_TASK_QUEUE: taskQueue } });
    jobs = new ProviderJobs(world.client, { taskQueue });
    source = await world.writeSource('talk.wav', makeWav(30));
  });
  afterAll(() => world.close());

  async function queuesIn(workflowId: string): Promise<string[]> {
    const { events } = await world.client.workflow.getHandle(workflowId).fetchHistory();
    const queues = events?.flatMap((event) => [
      event.workflowExecutionStartedEventAttributes?.taskQueue?.name ?? [],
      event.activityTaskScheduledEventAttributes?.taskQueue?.name ?? [],
      event.startChildWorkflowExecutionInitiatedEventAttributes?.taskQueue?.name ?? [],
    ]);
    return [...new Set(queues?.flat())].sort();
  }

  it('do every job of a pipeline, on queues of that stem alone', async () => {
    const steps = lifecycles.map((provider) => ({ provider }));
    const pipeline = await jobs.pipeline({ source, steps }, { key: 'all' });
    const { jobs: ended } = await pipeline.result();
    expect(ended.map(({ phase }) => phase)).toEqual(steps.map(() => 'succeeded'));
    expect(await queuesIn(pipeline.workflowId)).toEqual([taskQueue]);
    for (const { workflowId, provider, jobId } of ended) {
      const queues = await queuesIn(workflowId);
      expect(queues).toContain(`${taskQueue}-${provider}`);
      expect(queues).toEqual(
        queues.filter((queue) => queue === taskQueue || queue.startsWith(`${taskQueue}-${provider}`)),
      );
      expect(jobId).not.toBeNull();
    }
    const followed = await jobs.track('tiro.voice-file-job', ended.find(({ step }) => step === 'tiro')?.jobId ?? '', {
      collect: true,
    });
    expect((await followed.result()).phase).toBe('succeeded');
    expect(await queuesIn(followed.workflowId)).toEqual([taskQueue, `${taskQueue}-tiro`, `${taskQueue}-tiro-collect`]);
  });

  it('poll none of the usual queues', async () => {
    const { connection } = world.client;
    const pollers = (stem: string) =>
      Promise.all(allQueues(stem).map((queue) => countPollers(connection as never, world.namespace, queue)));
    expect(Math.max(...(await pollers('provider-jobs')))).toBe(0);
    expect(Math.min(...(await pollers(taskQueue)))).toBeGreaterThan(0);
  });

  it('are reached by `startJob` where it is told so, and are not otherwise', async () => {
    const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
    const own = await Worker.create({
      connection,
      namespace: world.namespace,
      taskQueue: 'own',
      workflowsPath: fileURLToPath(new URL('../fixtures/own-workflows/index.ts', import.meta.url)),
    });
    await own.runUntil(async () => {
      const start = (workflowId: string, args: string[]) =>
        world.client.workflow.start('ownParent', { taskQueue: 'own', workflowId, args });
      expect(await (await start('own-told', [source, taskQueue])).result()).toBe('succeeded');
      const untold = await start('own-untold', [source]);
      await expect.poll(() => queuesIn('own-untold')).toEqual(['own', 'provider-jobs']);
      await untold.terminate();
    });
    await connection.close();
  });

  it('run what schedules start that name them; a schedule moves with its stem', async () => {
    const path = join(world.folder, 'schedules.json');
    const usual = { catchUpWindow: '1h', jitter: '0s', executionTimeout: '10m', paused: true };
    const schedule = { id: 'moving', kind: 'ingest', every: '1h', directory: '.', steps: [{ provider: 'tiro' }] };
    await writeFile(path, JSON.stringify({ schedules: [{ ...schedule, overlap: 'skip', ...usual }] }));
    const queueOf = async () =>
      (await world.client.schedule.getHandle('provider-jobs-moving').describe()).action.taskQueue;
    const both = await Promise.all([1, 2].map(() => applySchedules(world.client, path)));
    expect(both.flat().map(({ outcome }) => outcome)).toContain('created');
    expect(await queueOf()).toBe('provider-jobs');
    expect(await applySchedules(world.client, path, { taskQueue })).toMatchObject([{ outcome: 'updated' }]);
    expect(await queueOf()).toBe(taskQueue);
    expect(await applySchedules(world.client, path, { taskQueue })).toMatchObject([{ outcome: 'unchanged' }]);
    await expect(applySchedules(world.client, path, { taskQueue: 'x-tiro' })).rejects.toThrow('taskQueue');
  });

  it('are who the command line means with the same setting', async () => {
    const usual = { ...world.environment, PROVIDER_JOBS_TASK_QUEUE: 'provider-jobs' };
    const words = ['run', 'slng', fileURLToPath(source), '--json', '--key'];
    const end = await runProgram([...words, 'cli'], world.environment);
    expect(lastJson(end)).toMatchObject({ phase: 'succeeded' });
    expect(end.stderr).not.toContain('No worker polls');
    expect((await runProgram([...words, 'usual', '--detach'], usual)).stderr).toContain(
      'No worker polls provider-jobs,',
    );
    const doctor = await runProgram(['doctor', '--json'], world.environment);
    expect(doctor.stderr).toContain(`Workers: poll ${taskQueue}, `);
  });
});
