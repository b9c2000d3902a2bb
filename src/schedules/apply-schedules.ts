import {
  type Client,
  type ScheduleDescription,
  ScheduleAlreadyRunning,
  type ScheduleHandle,
  ScheduleNotFoundError,
} from '@temporalio/client';
import { checkTaskQueue } from '../client/check-task-queue.ts';
import { refuseOversized } from '../client/input-size.ts';
import { readScheduleFile, type ScheduleDefinition } from './schedule-file.ts';
import { scheduleHandle, untilDone } from './schedule-handle.ts';
import { definitionMemo, fingerprintDefinition, scheduleOptions } from './schedule-options.ts';

/** What applying one schedule came to. */
export interface AppliedSchedule {
  id: string;
  outcome: 'created' | 'updated' | 'unchanged';
}

/** Whose workers run what the schedules start. */
export interface ApplySchedulesOptions {
  /** What the workers have as PROVIDER_JOBS_TASK_QUEUE; default `provider-jobs`. */
  taskQueue?: string | undefined;
}

async function describeSchedule(handle: ScheduleHandle): Promise<ScheduleDescription | null> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

function isCurrent(
  definition: ScheduleDefinition,
  taskQueue: string,
  { action, policies, state }: ScheduleDescription,
): boolean {
  // The policies are compared as they are, since they can be changed in the Web UI.
  const { overlap, catchupWindow } = scheduleOptions(definition, taskQueue).policies;
  return (
    action.taskQueue === taskQueue &&
    action.memo?.[definitionMemo] === fingerprintDefinition(definition) &&
    policies.overlap === overlap &&
    policies.catchupWindow === catchupWindow &&
    (definition.paused ?? state.paused) === state.paused
  );
}

async function applySchedule(
  client: Client,
  definition: ScheduleDefinition,
  taskQueue: string,
): Promise<AppliedSchedule['outcome']> {
  const { scheduleId, ...options } = scheduleOptions(definition, taskQueue);
  const handle = scheduleHandle(client, definition.id);
  const existing = await describeSchedule(handle);
  if (existing === null) {
    try {
      await client.schedule.create({ scheduleId, ...options, state: { paused: definition.paused ?? false } });
      return 'created';
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      return applySchedule(client, definition, taskQueue);
    }
  }
  if (isCurrent(definition, taskQueue, existing)) return 'unchanged';
  await handle.update(({ state }) => {
    const { note } = state;
    const paused = definition.paused ?? state.paused;
    return { ...options, state: { paused, ...(note === undefined ? {} : { note }) } };
  });
  await untilDone(handle, (description) => isCurrent(definition, taskQueue, description));
  return 'updated';
}

/**
 * Creates or updates the schedules of a file, idempotently; schedules that are not in the file are left alone. One
 * that is paused by hand stays paused unless the file says otherwise.
 * @throws ScheduleFileError with every fault of the file, before anything is applied.
 * @throws InvalidInputError where a schedule is too large to be sent, or the task queue is none, before anything is applied.
 */
export async function applySchedules(
  client: Client,
  path: string,
  options: ApplySchedulesOptions = {},
): Promise<AppliedSchedule[]> {
  const taskQueue = checkTaskQueue(options.taskQueue);
  const definitions = await readScheduleFile(path);
  for (const [index, definition] of definitions.entries()) {
    if (definition.kind !== 'ingest') continue;
    await refuseOversized(client, { steps: definition.steps }, `schedules.${String(index)}.`);
  }
  const applied: AppliedSchedule[] = [];
  for (const definition of definitions) {
    applied.push({ id: definition.id, outcome: await applySchedule(client, definition, taskQueue) });
  }
  return applied;
}
