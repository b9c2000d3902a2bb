import type { WorkflowHandle } from '@temporalio/client';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { Operation } from '../../src/simulator/index.ts';
import { eventually } from '../setup/eventually.ts';
import type { World } from '../setup/world.ts';

/** At which call each lifecycle stands still: while it waits, uploads, submits and creates. */
export const stages = {
  soket: 'soket.batch-status',
  twelvelabs: 'twelvelabs.part-put',
  tiro: 'tiro.upload-complete',
  slng: 'slng.create',
} as const satisfies Record<LifecycleProvider, Operation>;

/** Jobs that stand still at the simulator until they are released. */
export interface HeldJobs {
  handles: WorkflowHandle[];
  release: () => void;
}

/** Starts a job at each of these calls and waits until the call is under way. */
export async function startHeldJobs(
  world: World,
  key: string,
  at: Partial<Record<LifecycleProvider, Operation>> = stages,
): Promise<HeldJobs> {
  const { simulator } = world;
  const source = await world.writeSource(`${key}.wav`, Buffer.alloc(50_000, 1));
  const faults: string[] = [];
  const start = async ([provider, operation]: [string, Operation]) => {
    faults.push(simulator.addFault({ kind: 'hold', operation, times: null }));
    const type = lifecycleWorkflowTypes[provider as LifecycleProvider];
    const handle = await world.start(type, `provider-job/${provider}/${key}`, { source });
    await eventually(`${operation} is under way`, () =>
      simulator.calls({ operation }).some(({ state }) => state === 'open'),
    );
    return handle;
  };
  const handles = await Promise.all(Object.entries(at).map(start));
  return {
    handles,
    release: () => {
      for (const fault of faults) simulator.release(fault);
    },
  };
}

/** Who completed the tasks of a workflow, each once, in order; fails where a workflow task failed. */
export async function readWorkers(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const failed = events?.find(({ workflowTaskFailedEventAttributes: failure }) => failure);
  const message = failed?.workflowTaskFailedEventAttributes?.failure?.message;
  if (message) throw new Error(`a task of ${handle.workflowId} failed: ${message}`);
  const identities = (events ?? []).flatMap(
    ({ workflowTaskCompletedEventAttributes: task, activityTaskCompletedEventAttributes: activity }) =>
      task?.identity ?? activity?.identity ?? [],
  );
  return [...new Set(identities)];
}
