import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('the history of a lifecycle', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ simulator: { chunkSizeBytes: 100_000 } });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterAll(() => world.close());

  async function activitiesOf(handle: WorkflowHandle): Promise<string[]> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
    );
  }

  async function eventTypes(handle: WorkflowHandle): Promise<string[]> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).map(
      (event) =>
        Object.keys(event).find((name) => name.endsWith('EventAttributes') && event[name as keyof typeof event]) ?? '',
    );
  }

  it.each([
    ['tiroTranscription', 'tiro', ['uploadTiroFile', 'collectTiroResults']],
    ['slngTranscription', 'slng', ['uploadSlngFile', 'createSlngJob', 'collectSlngResults']],
    ['soketTranscription', 'soket', ['uploadSoketFiles', 'submitSoketBatch', 'collectSoketResults']],
    ['twelvelabsUpload', 'twelvelabs', ['createTwelveLabsUpload', 'uploadTwelveLabsChunks', 'collectTwelveLabsAsset']],
  ])('of %s is 5 events, 6 for each activity, 5 for each timer and 1 for each mark', async (type, provider, steps) => {
    const handle = await world.start(type, `provider-job/${provider}/size`, { source });
    await handle.result();
    const types = await eventTypes(handle);
    const count = (name: string) => types.filter((each) => each.startsWith(name)).length;
    const activities = count('activityTaskScheduled');
    const marks =
      count('upsertWorkflowSearchAttributes') + count('workflowPropertiesModified') + count('markerRecorded');
    // A phase that the wait happens to see is told by a signal, which has a workflow task.
    const news = 4 * count('workflowExecutionSignaled');
    const formula = 5 + 6 * activities + 5 * count('timerStarted') + news + marks;
    // Two things that come back together share a workflow task, which saves three events.
    expect(types.length).toBeLessThanOrEqual(formula);
    expect(types.length).toBeGreaterThan(formula - 6);
    // How often the wait comes back depends on the phases that it happens to see, each an activity and an upsert.
    const others = (await activitiesOf(handle)).filter((name) => name !== 'fetchJobStatus');
    expect(others).toEqual(['inspectSource', ...steps, 'storeOutcome']);
  });

  it.each([
    ['at its end alone', 'end', [], 44],
    ['in two phases before, each of which is a signal and an upsert', 'phases', ['UPLOADED', 'PROCESSING'], 54],
  ])('of a Tiro job in a pipeline that is seen %s', async (_what, key, statuses, mostEvents) => {
    world.simulator.setPlan('tiro', { durationMs: 0, script: statuses.map((status) => ({ status, polls: 2 })) });
    const steps = [{ provider: 'tiro' }];
    await (await world.start('mediaPipeline', `media-pipeline/${key}`, { source, steps })).result();
    const child = world.client.workflow.getHandle(`provider-job/tiro/${key}.tiro`);
    expect(await child.result()).toMatchObject({ phase: 'succeeded', statusCalls: 2 * statuses.length + 1 });
    expect((await eventTypes(child)).length).toBeLessThanOrEqual(mostEvents);
  });

  it('grows by 5 events for a notice', async () => {
    world.simulator.setPlan('tiro', { jobs: 2, durationMs: 0, script: [{ status: 'PROCESSING', polls: 1 }] });
    const [silent, tells] = await Promise.all(
      [[], ['nobody-here']].map(async (notify, index) => {
        const handle = await world.start('tiroTranscription', `provider-job/tiro/tells-${String(index)}`, {
          source,
          notify,
        });
        await handle.result();
        return (await eventTypes(handle)).length;
      }),
    );
    expect((tells ?? 0) - (silent ?? 0)).toBe(5);
  });

  it('is the same for 2 status calls and for 20', async () => {
    const sizes: number[] = [];
    for (const polls of [2, 20]) {
      world.simulator.setPlan('tiro', { durationMs: 0, script: [{ status: 'PROCESSING', polls }] });
      const handle = await world.start('tiroTranscription', `provider-job/tiro/polls-${String(polls)}`, { source });
      expect(await handle.result()).toMatchObject({ phase: 'succeeded', statusCalls: polls + 1 });
      sizes.push((await eventTypes(handle)).length);
    }
    expect(sizes[0]).toBe(sizes[1]);
  });
});
