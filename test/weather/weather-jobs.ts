import type { WorkflowHandle } from '@temporalio/client';
import type { JobOutcome } from '../../src/contract/job.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { describeFailure } from '../crash/describe-failure.ts';
import { mediaOf } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import type { World } from '../setup/world.ts';

const files = 10;

/** The lifecycles, in the order of the table. */
export const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];

/** A job under weather, with the words for its media. */
export interface WeatherJob {
  provider: LifecycleProvider;
  handle: WorkflowHandle;
  media: string;
  /** Its outcome, or why it has none. */
  end: Promise<JobOutcome | string>;
}

/** Ten files of one size with two names between them, each in a folder of its own; resolves with their addresses. */
export function writeFiles(world: World): Promise<string[]> {
  const names = Array.from({ length: files }, (_, index) => [
    `${String(index)}/recording.wav`,
    `${String(index)}/call.wav`,
  ]);
  return Promise.all(
    names.map(([even = '', odd = ''], index) => world.writeSource(index % 2 === 0 ? even : odd, makeWav(8, index))),
  );
}

/** Starts so many jobs at every provider at once, the files in turn. */
export function startJobs(world: World, key: string, sources: string[], perProvider: number): Promise<WeatherJob[]> {
  const starts = Array.from({ length: perProvider }, (_, index) =>
    lifecycles.map(async (provider): Promise<WeatherJob> => {
      const source = sources[index % sources.length] ?? '';
      const workflowId = `provider-job/${provider}/${key}-${String(index)}`;
      const handle = await world.start(lifecycleWorkflowTypes[provider], workflowId, { source, deadline: '20m' });
      const end = handle.result().then(
        (outcome) => outcome as JobOutcome,
        (error: unknown) => describeFailure(error).text,
      );
      const [media = ''] = await mediaOf(source);
      return { provider, handle, media, end };
    }),
  );
  return Promise.all(starts.flat());
}
