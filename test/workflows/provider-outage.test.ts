import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { Counters } from '../../src/simulator/calls.ts';
import type { Operation, SimulatedProvider } from '../../src/simulator/operations.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

// Ten minutes of a provider's time are three seconds.
const timeScale = 200;
const outageMs = (10 * 60_000) / timeScale;
const chunkSizeBytes = 64 * 1024;

/** What a run made at its provider and in the result store; status calls, whose number is a matter of time, left out. */
interface Made {
  jobs: number;
  calls: Record<string, number>;
  /** How often each part of an upload was received, and how many parts there were. */
  parts: string[];
  objects: number;
  artifacts: string[];
}

describe('a provider that answers 503 for ten scaled minutes', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timeScale, simulator: { chunkSizeBytes } });
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  async function begin(provider: SimulatedProvider, name: string): Promise<WorkflowHandle> {
    // Contents of one size that differ, so that no provider takes the second file for the first.
    const content = makeWav(30).fill(name, 44);
    const source = await world.writeSource(`${name}.wav`, content);
    return world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/${name}`, { source });
  }

  function madeSince(before: Counters, provider: SimulatedProvider): Omit<Made, 'objects' | 'artifacts'> {
    const { operations, jobsCreated, parts } = world.simulator.counters();
    const calls = Object.entries(operations)
      .filter(([operation]) => operation.startsWith(`${provider}.`) && !operation.endsWith('status'))
      .map(([operation, sum]) => [operation, sum.calls - (before.operations[operation as Operation]?.calls ?? 0)]);
    return {
      jobs: jobsCreated[provider] - before.jobsCreated[provider],
      calls: Object.fromEntries(calls) as Made['calls'],
      parts: Object.entries(parts)
        .filter(([uploadId]) => !(uploadId in before.parts))
        .map(([, counts]) => JSON.stringify(counts)),
    };
  }

  /** Runs a lifecycle to its end, with what `meanwhile` does after its start; gives what it made. */
  async function run(provider: SimulatedProvider, name: string, meanwhile?: (handle: WorkflowHandle) => Promise<void>) {
    const before = world.simulator.counters();
    const objectsBefore = world.simulator.objects(provider).length;
    const handle = await begin(provider, name);
    await meanwhile?.(handle);
    const outcome = (await handle.result()) as JobOutcome;
    // Soket names an artifact after the file.
    const artifacts = outcome.artifacts.map((artifact) => artifact.name.replace(name, 'clip')).sort();
    const objects = world.simulator.objects(provider).length - objectsBefore;
    const made: Made = { ...madeSince(before, provider), objects, artifacts };
    return { handle, outcome, made };
  }

  async function shownReason(handle: WorkflowHandle): Promise<string | null | undefined> {
    const { raw } = await handle.describe();
    const waits = raw.pendingActivities?.filter(({ activityType }) => activityType?.name === 'fetchJobStatus');
    return waits?.[0]?.lastFailure?.message;
  }

  /** The activities that have failed in an attempt at least, whether or not they succeeded in the end. */
  async function failedActivities(handle: WorkflowHandle): Promise<Set<string>> {
    const { events } = await handle.fetchHistory();
    const names = new Map<string, string>();
    const failed = new Set<string>();
    for (const event of events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (scheduled) names.set(String(event.eventId), String(scheduled.activityType?.name));
      const started = event.activityTaskStartedEventAttributes;
      const ended = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
      const unlucky = ended ?? ((started?.attempt ?? 1) > 1 ? started : null);
      if (unlucky) failed.add(names.get(String(unlucky.scheduledEventId)) ?? 'unknown');
    }
    return failed;
  }

  it.each<[SimulatedProvider, Operation]>([
    ['tiro', 'tiro.status'],
    ['slng', 'slng.status'],
    ['soket', 'soket.batch-status'],
    ['twelvelabs', 'twelvelabs.asset-status'],
  ])('delays a job at %s and nothing else, and shows why (%s)', async (provider, operation) => {
    const undisturbed = await run(provider, 'calm');
    const fault = world.simulator.addFault({ kind: 'status', status: 503, times: null, operation });
    const struck = () => world.simulator.calls({ operation }).filter(({ faultId }) => faultId === fault);
    let endedAtMs = 0;
    const disturbed = await run(provider, 'down', async (handle) => {
      const reason = await eventually('the reason is shown', async () => {
        const message = await shownReason(handle);
        return message?.includes('HTTP 503') === true && !message.includes(' 1 in a row') ? message : null;
      });
      expect(reason).toMatch(
        /; \d+ status calls? so far\. \d+ in a row failed, last: Could not read the .+ \(HTTP 503\b.*\): .*simulated fault/,
      );
      expect(reason).toMatch(/ Next check at \d{4}-\d\d-\d\dT[\d:.]+Z\.$/);
      await eventually('the outage has lasted ten scaled minutes', () => {
        const calls = struck();
        return (calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0) >= outageMs;
      });
      expect((await handle.describe()).status.name).toBe('RUNNING');
      world.simulator.release(fault);
      endedAtMs = Date.now();
    });

    expect(disturbed.outcome).toMatchObject({ phase: 'succeeded', message: undisturbed.outcome.message });
    expect(disturbed.made).toEqual(undisturbed.made);
    expect(disturbed.made.artifacts).not.toHaveLength(0);
    expect(await failedActivities(disturbed.handle)).toEqual(new Set(['fetchJobStatus']));
    // The back-off has grown to a scaled minute at most: the end is seen soon after the provider is back.
    const { closeTime } = await disturbed.handle.describe();
    expect((closeTime?.getTime() ?? Infinity) - endedAtMs).toBeLessThan(15_000);
  });
});
