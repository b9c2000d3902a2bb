import type { WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { Operation } from '../../src/simulator/operations.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';

const chunkSizeBytes = 16 * 1024;
const chunks = 40;
const concurrency = 4;
const reportBatch = 10;

describe('where a worker is killed', { timeout: 90_000 }, () => {
  let world: World;
  const workers: WorkerProcess[] = [];
  const startProcess = async () => {
    const worker = await startWorkerProcess(world.environment);
    workers.push(worker);
  };
  beforeAll(async () => {
    world = await startWorld({ startWorker: false, namespace: 'test-2', simulator: { chunkSizeBytes } });
    await Promise.all([startProcess(), startProcess()]);
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await world.close();
  });

  /** The worker that holds the workflow's activity; workers are known by process id and host. */
  async function holderOf(handle: WorkflowHandle, activity: string): Promise<WorkerProcess> {
    return eventually(`a worker holds ${activity}`, async () => {
      const { raw } = await handle.describe();
      const held = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
      return workers.find(({ process: { pid } }) => held?.lastWorkerIdentity?.startsWith(`${String(pid)}@`));
    });
  }

  /** The number of an activity’s last attempt, and the worker that made it, as the history has them. */
  async function lastAttemptOf(handle: WorkflowHandle, activity: string) {
    const { events } = await handle.fetchHistory();
    const scheduled = events?.find(
      ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === activity,
    );
    const started = events
      ?.map(({ activityTaskStartedEventAttributes: attributes }) => attributes)
      .find((attributes) => attributes && String(attributes.scheduledEventId) === String(scheduled?.eventId));
    return { attempt: started?.attempt ?? 0, identity: started?.identity ?? '' };
  }

  const sessions = () => world.simulator.jobs('twelvelabs').filter(({ resource }) => resource === 'multipart-upload');

  it('while an upload is under way, a second one takes it over, and nothing is made twice', async () => {
    const { simulator } = world;
    const video = await world.writeSource('video.mp4', Buffer.alloc(chunks * chunkSizeBytes, 7));
    const held = simulator.addFault({ kind: 'hold', operation: 'twelvelabs.part-put', match: { partIndex: 22 } });
    const input = { source: video, concurrency };
    const handle = await world.start('twelvelabsUpload', 'provider-job/twelvelabs/taken-over', input);
    const puts = () => simulator.calls({ operation: 'twelvelabs.part-put' });
    await eventually('only the held part is left', () => {
      const open = puts().filter(({ state }) => state === 'open');
      return open.length === 1 && puts().length >= chunks - 1;
    });
    const holder = await holderOf(handle, 'uploadTwelveLabsChunks');
    const survivor = workers.find((worker) => worker !== holder);
    await holder.kill();
    simulator.release(held);
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });

    const { attempt, identity } = await lastAttemptOf(handle, 'uploadTwelveLabsChunks');
    expect(attempt).toBeGreaterThan(1);
    expect(identity).toMatch(new RegExp(`^${String(survivor?.process.pid)}@`));
    const times = Object.values(Object.values(simulator.counters().parts)[0] ?? {});
    expect(times).toHaveLength(chunks);
    expect(times.reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(concurrency + reportBatch);
    expect(sessions()).toHaveLength(1);
    expect(simulator.calls({ operation: 'twelvelabs.create-session' })).toHaveLength(1);
  });

  it.each<['slng' | 'twelvelabs', Operation, string, number]>([
    ['slng', 'slng.create', 'createSlngJob', 0],
    // A session has no place for a marker and is never taken for ours: the first one expires, empty.
    ['twelvelabs', 'twelvelabs.create-session', 'createTwelveLabsUpload', 1],
  ])(
    'after %s has done %s and before its answer came, nothing is made twice that holds media',
    async (provider, operation, activity, empty) => {
      const { simulator } = world;
      const before = simulator.counters().jobsCreated[provider];
      const callsBefore = simulator.calls({ operation }).length;
      const source = await world.writeSource(`${provider}.wav`, makeWav(3));
      // The answer's body never comes.
      const drip = simulator.addFault({ kind: 'drip', operation, delayMs: 600_000 });
      const handle = await world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/lost`, { source });
      await eventually('the provider has made it', () => simulator.counters().jobsCreated[provider] === before + 1);
      const holder = await holderOf(handle, activity);
      await holder.kill();
      simulator.release(drip);
      await startProcess();
      // The server gives a create a minute; the test need not wait for it.
      await world.client.workflowService.updateActivityOptions({
        ...{ namespace: world.namespace, execution: { workflowId: handle.workflowId }, type: activity },
        activityOptions: { startToCloseTimeout: msToTs('5s') },
        updateMask: { paths: ['start_to_close_timeout'] },
      });
      expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
      expect((await lastAttemptOf(handle, activity)).attempt).toBeGreaterThan(1);
      expect(simulator.counters().jobsCreated[provider]).toBe(before + 1 + empty);
      expect(simulator.calls({ operation })).toHaveLength(callsBefore + 1 + empty);
    },
  );
});
