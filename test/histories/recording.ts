import type { WorkflowHandle } from '@temporalio/client';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import type { World } from '../setup/world.ts';

/** What a path to be recorded is given. */
export interface Recording {
  world: World;
  /** A `file:` URI of a minute of sound. */
  source: string;
  /** Starts a lifecycle by its type under a key, with the source and more input. */
  start: (type: string, key: string, input?: object) => Promise<WorkflowHandle>;
}

/** Brings a workflow onto its path; its history is recorded once it has closed. */
export type Path = (recording: Recording) => Promise<WorkflowHandle>;

/**
 * The version by which a path's steps are what they are: of pipelines and ingests 0.3, of whatever waits for a job 0.4, of
 * cleaning and of refused inputs 0.5.
 */
function versionOf(path: string): string {
  if (/^(sweep|retention|refused-)/.test(path)) return '0-5';
  if (path === 'pipeline-cancelled') return '0-2';
  return path.startsWith('pipeline-') || path === 'ingest' ? '0-3' : '0-4';
}

/** The history of a path as today's code asks for its steps; those without the ending are of 0.1, and stay. */
export const nameOfHistory = (path: string) => `${path}.${versionOf(path)}`;

/** So long, in a provider's time, that nothing ends by itself. */
export const forEver = 600_000_000;

/** Cancels a workflow once an activity of this type is under way, or has been tried so often. */
export async function cancelDuring(handle: WorkflowHandle, activity: string, attempts = 1): Promise<WorkflowHandle> {
  await eventually(`${activity} is under way`, async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(
      ({ activityType, attempt }) => activityType?.name === activity && (attempt ?? 0) >= attempts,
    );
  });
  await handle.cancel();
  return handle;
}

/** Tracks a Tiro job that does not end by itself, in a workflow whose id ends in this name. */
export async function trackUnending(world: World, name: string, input: object = {}): Promise<WorkflowHandle> {
  world.simulator.setPlan('tiro', { durationMs: forEver });
  const target = { provider: 'tiro', resource: 'voice-file-job', id: await beginTiroJob(world.simulator) };
  return world.start('trackJob', `provider-job/tiro/voice-file-job/${name}`, { ...target, ...input });
}
