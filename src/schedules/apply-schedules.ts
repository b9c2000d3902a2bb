import { type Client, type ScheduleDescription, type ScheduleHandle, ScheduleNotFoundError } from '@temporalio/client';
import { refuseOversized } from '../client/input-size.ts';
import { readScheduleFile, type ScheduleDefinition } from './schedule-file.ts';
import { scheduleHandle, untilDone } from './schedule-handle.ts';
import { definitionMemo, fingerprintDefinition, scheduleOptions } from './schedule-options.ts';

/** What applying one schedule came to. */
export interface AppliedSchedule {
  id: string;
  outcome: 'created' | 'updated' | 'unchanged';
}

async function describeSchedule(handle: ScheduleHandle): Promise<ScheduleDescription | null> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

function isCurrent(definition: ScheduleDefinition, { action, policies, state }: ScheduleDescription): boolean {
  // The policies are compared as they are, since they can be changed in the Web UI.
  const { overlap, catchupWindow } = scheduleOptions(definition).policies;
  return (
    action.memo?.[definitionMemo] === fingerprintDefinition(definition) &&
    policies.overlap === overlap &&
    policies.catchupWindow === catchupWindow &&
    (definition.paused ?? state.paused) === state.paused
  );
}

async function applySchedule(client: Client, definition: ScheduleDefinition): Promise<AppliedSchedule['outcome']> {
  const { scheduleId, ...options } = scheduleOptions(definition);
  const handle = scheduleHandle(client, definition.id);
  const existing = await describeSchedule(handle);
  if (existing === null) {
    await client.schedule.create({ scheduleId, ...options, state: { paused: definition.paused ?? false } });
    return 'created';
  }
  if (isCurrent(definition, existing)) return 'unchanged';
  await handle.update(({ state }) => {
    const { note } = state;
    const paused = definition.paused ?? state.paused;
    return { ...options, state: { paused, ...(note === undefined ? {} : { note }) } };
  });
  await untilDone(handle, (description) => isCurrent(definition, description));
  return 'updated';
}

/**
 * Creates or updates the schedules of a file, idempotently; schedules that are not in the file are left alone. One
 * that is paused by hand stays paused unless the file says otherwise.
 * @throws ScheduleFileError with every fault of the file, before anything is applied.
 * @throws InvalidInputError where a schedule is too large to be sent, before anything is applied.
 */
export async function applySchedules(client: Client, path: string): Promise<AppliedSchedule[]> {
  const definitions = await readScheduleFile(path);
  for (const [index, definition] of definitions.entries()) {
    await refuseOversized(client, { steps: definition.steps }, `schedules.${String(index)}.`);
  }
  const applied: AppliedSchedule[] = [];
  for (const definition of definitions) {
    applied.push({ id: definition.id, outcome: await applySchedule(client, definition) });
  }
  return applied;
}
