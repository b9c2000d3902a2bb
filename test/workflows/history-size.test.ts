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

  async function eventTypes(handle: WorkflowHandle): Promise<string[]> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).map(
      (event) =>
        Object.keys(event).find((name) => name.endsWith('EventAttributes') && event[name as keyof typeof event]) ?? '',
    );
  }

  const countOf = (types: string[], name: string) => types.filter((each) => each.startsWith(name)).length;

  /** How often the job was waited for: once for each phase that was seen, and a busy machine sees other ones. */
  async function countWaits(handle: WorkflowHandle): Promise<number> {
    const { events } = await handle.fetchHistory();
    const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    return scheduled.filter((name) => name === 'fetchJobStatus').length;
  }

  // An activity, and the search attribute that says what it saw.
  const perWait = 7;

  it.each([
    ['tiroTranscription', 'tiro', 32],
    ['slngTranscription', 'slng', 32],
    ['soketTranscription', 'soket', 32],
    ['twelvelabsUpload', 'twelvelabs', 33],
  ])('of %s is 5 events, 6 for each activity, 5 for each timer and 1 for each upsert', async (type, provider, most) => {
    const handle = await world.start(type, `provider-job/${provider}/size`, { source });
    await handle.result();
    const types = await eventTypes(handle);
    const activities = countOf(types, 'activityTaskScheduled');
    expect(activities).toBeGreaterThanOrEqual(4);
    const singles = ['upsertWorkflowSearchAttributes', 'workflowPropertiesModified', 'markerRecorded'];
    const alone = singles.reduce((sum, name) => sum + countOf(types, name), 0);
    const formula = 5 + 6 * activities + 5 * countOf(types, 'timerStarted') + alone;
    // Two things that come back together share a workflow task, which saves three events.
    expect(types.length).toBeLessThanOrEqual(formula);
    expect(types.length).toBeGreaterThan(formula - 6);
    expect(types.length).toBeLessThanOrEqual(most + perWait * (await countWaits(handle)));
  });

  it('grows by 5 events for a notice', async () => {
    const handle = await world.start('slngTranscription', 'provider-job/slng/tells', {
      source,
      notify: ['nobody-here'],
    });
    await handle.result();
    const most = 32 + perWait * (await countWaits(handle)) + 5;
    expect((await eventTypes(handle)).length).toBeLessThanOrEqual(most);
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
