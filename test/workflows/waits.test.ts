import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { providerJobPhaseAttribute } from '../../src/contract/search-attributes.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

async function countEvents(handle: WorkflowHandle) {
  const events = (await handle.fetchHistory()).events ?? [];
  const scheduled = events.flatMap(({ activityTaskScheduledEventAttributes: each }) => each?.activityType?.name ?? []);
  const signals = events.flatMap(({ workflowExecutionSignaledEventAttributes: each }) => each?.signalName ?? []);
  const looks = events.flatMap(({ activityTaskStartedEventAttributes: each, eventId }) => {
    const { scheduledEventId, attempt } = each ?? {};
    const of = events.find((event) => String(event.eventId) === String(scheduledEventId));
    const name = of?.activityTaskScheduledEventAttributes?.activityType?.name;
    return name === 'fetchJobStatus' && eventId ? [Number(attempt)] : [];
  });
  return {
    waits: scheduled.filter((name) => name === 'fetchJobStatus').length,
    signals: signals.filter((name) => name === 'jobPhase').length,
    timers: events.filter(({ timerStartedEventAttributes: each }) => each).length,
    /** How many attempts each wait had. */
    looks,
  };
}

describe('the waits of a lifecycle', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ environment: { SLNG_RATE: '100/s', SOKET_RATE: '100/s' } });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());
  const script = (...steps: [status: string, polls: number][]) => ({
    durationMs: 0,
    script: steps.map(([status, polls]) => ({ status, polls })),
  });

  it('hear of each phase by a signal, in one wait', async () => {
    world.simulator.setPlan('tiro', script(['UPLOADED', 2], ['PROCESSING', 3]));
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/told', { source });
    const phaseOf = async () => (await handle.describe()).typedSearchAttributes.get(providerJobPhaseAttribute);
    await eventually('it is seen running', async () => (await phaseOf()) === 'running');
    expect(await handle.result()).toMatchObject({ phase: 'succeeded', statusCalls: 6 });
    // The first attempt began the job at Tiro.
    expect(await countEvents(handle)).toEqual({ waits: 1, signals: 2, timers: 0, looks: [7] });
  });

  it('make a call with each attempt where calls are limited', async () => {
    world.simulator.setPlan('slng', script(['QUEUED', 1], ['IN_PROGRESS', 2]));
    const handle = await world.start('slngTranscription', 'provider-job/slng/limited', { source });
    expect(await handle.result()).toMatchObject({ phase: 'succeeded', statusCalls: 4 });
    expect(await countEvents(handle)).toEqual({ waits: 1, signals: 2, timers: 1, looks: [4] });
  });

  it('do so at each of the steps of a job', async () => {
    const handle = await world.start('soketTranscription', 'provider-job/soket/limited', { source });
    const { statusCalls } = (await handle.result()) as { statusCalls: number };
    const { timers, looks } = await countEvents(handle);
    expect(timers).toBe(2);
    expect(looks.reduce((sum, attempts) => sum + attempts, 0)).toBe(statusCalls);
    expect(
      world.simulator.calls({ operation: 'soket.upload-status' }).length +
        world.simulator.calls({ operation: 'soket.batch-status' }).length,
    ).toBe(statusCalls);
  });

  it('book their first look by an attempt where nothing is limited, which costs no event', async () => {
    const handle = await world.start('twelvelabsUpload', 'provider-job/twelvelabs/free', { source });
    await handle.result();
    expect((await countEvents(handle)).timers).toBe(0);
  });

  it('count a call for each attempt, whatever came between', async () => {
    world.simulator.setPlan('tiro', script(['PROCESSING', 4]));
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, skip: 2, times: 2 });
    const before = world.simulator.calls({ operation: 'tiro.status' }).length;
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/counted', { source });
    const { statusCalls } = (await handle.result()) as { statusCalls: number };
    expect(statusCalls).toBe(world.simulator.calls({ operation: 'tiro.status' }).length - before);
  });
});
