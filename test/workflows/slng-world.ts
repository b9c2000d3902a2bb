import type { WorkflowHandle } from '@temporalio/client';
import type { JobOutcome } from '../../src/contract/job.ts';
import type { CallRecord } from '../../src/simulator/calls.ts';
import type { Operation } from '../../src/simulator/operations.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

/** A world for the tests of SLNG's lifecycle, with two minutes of audio to transcribe. */
export interface SlngWorld {
  world: World;
  /** Starts a lifecycle of its own; the source is the two minutes of audio unless given. */
  start(input?: object): Promise<WorkflowHandle>;
  /** Starts a lifecycle and waits for its outcome. */
  run(input?: object): Promise<JobOutcome>;
  /** What SLNG and its storage were asked since `reset`. */
  calls(operation?: Operation): CallRecord[];
  operations(): Operation[];
  /** The ids of the jobs that were created since `reset`. */
  createdJobs(): string[];
  statusOf(jobId: string): string | undefined;
  /** Ends all faults and counts from here on; for the beginning of each test. */
  reset(): void;
}

/** The audio that is transcribed unless a test gives its own. */
export const audio = makeWav(120);

/** Makes a world for the calling test file. */
export async function startSlngWorld(): Promise<SlngWorld> {
  const world = await startWorld({ environment: { PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES: 'true' } });
  const { simulator } = world;
  const source = await world.writeSource('talk.wav', audio);
  let started = 0;
  let callsBefore = 0;
  let jobsBefore = 0;
  const calls: SlngWorld['calls'] = (operation) => {
    const since = simulator.calls().slice(callsBefore);
    return since.filter((call) => call.provider === 'slng' && (operation ?? call.operation) === call.operation);
  };
  const start: SlngWorld['start'] = (input = {}) => {
    started += 1;
    return world.start('slngTranscription', `provider-job/slng/test-${String(started)}`, { source, ...input });
  };
  return {
    ...{ world, start, calls },
    run: async (input) => (await (await start(input)).result()) as JobOutcome,
    operations: () => calls().map(({ operation }) => operation),
    createdJobs: () =>
      simulator
        .jobs('slng')
        .slice(jobsBefore)
        .map(({ id }) => id),
    statusOf: (jobId) => simulator.jobs('slng').find(({ id }) => id === jobId)?.status,
    reset: () => {
      simulator.clearFaults();
      callsBefore = simulator.calls().length;
      jobsBefore = simulator.jobs('slng').length;
    },
  };
}
