import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { seededRandom } from '../setup/seeded-random.ts';
import { startWorld, type World } from '../setup/world.ts';

const chunkSizeBytes = 1024;
// What any upload stays under, however many chunks it has and however often they fail.
const mostEvents = 200;

/** A world with tiny chunks, and what tests ask of its uploads; each end also checks the length of the history. */
export interface TwelvelabsWorld extends World {
  startUpload(chunkCount: number): Promise<WorkflowHandle>;
  finish(handle: WorkflowHandle): Promise<JobOutcome>;
  failureOf(handle: WorkflowHandle): Promise<unknown>;
  /** How often each part was received whole. */
  partsOf(outcome: JobOutcome): Record<number, number>;
}

async function expectShortHistory(handle: WorkflowHandle): Promise<void> {
  const { raw } = await handle.describe();
  expect(Number(raw.workflowExecutionInfo?.historyLength)).toBeLessThan(mostEvents);
}

/** Lets each part fail as often as the dice say, the same in every run. */
export function failAtRandom(simulator: Simulator, chunkCount: number, rate: number): void {
  const random = seededRandom(7);
  for (let partIndex = 1; partIndex <= chunkCount; partIndex += 1) {
    let times = 0;
    while (random() < rate) times += 1;
    const fault = { kind: 'status', operation: 'twelvelabs.part-put', status: 500, match: { partIndex } } as const;
    if (times > 0) simulator.addFault({ ...fault, times });
  }
}

/** Makes a world for uploads of many chunks; default: in the namespace of the calling test file. */
export async function startTwelvelabsWorld(namespace?: string): Promise<TwelvelabsWorld> {
  const where = namespace === undefined ? {} : { namespace };
  const world = await startWorld({ ...where, timeScale: 1000, simulator: { chunkSizeBytes } });
  let started = 0;
  return Object.assign(world, {
    async startUpload(chunkCount: number) {
      started += 1;
      const content = Buffer.alloc(chunkCount * chunkSizeBytes - 100, started);
      const source = await world.writeSource(`clip-${String(started)}.mp4`, content);
      const input = { source, concurrency: 8 };
      return world.start('twelvelabsUpload', `provider-job/twelvelabs/depth-${String(started)}`, input);
    },
    async finish(handle: WorkflowHandle) {
      const outcome = (await handle.result()) as JobOutcome;
      await expectShortHistory(handle);
      return outcome;
    },
    async failureOf(handle: WorkflowHandle) {
      const error: unknown = await handle.result().catch((failure: unknown) => failure);
      await expectShortHistory(handle);
      return (error as { cause: unknown }).cause;
    },
    partsOf: ({ ids }: JobOutcome) => world.simulator.counters().parts[ids['upload_id'] ?? ''] ?? {},
  });
}
