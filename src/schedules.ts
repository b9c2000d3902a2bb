import type { Client } from '@temporalio/client';
import { scheduleHandle, untilDone } from './schedules/schedule-handle.ts';
import { parseScheduleId } from './schedules/schedule-options.ts';

export { type AppliedSchedule, applySchedules, type ApplySchedulesOptions } from './schedules/apply-schedules.ts';
export { readScheduleFile, type ScheduleDefinition, ScheduleFileError } from './schedules/schedule-file.ts';
export { ScheduleNotFoundError } from '@temporalio/client';

/** A schedule of ours as Temporal has it; new and changed ones show after a moment. */
export interface ListedSchedule {
  /** As in the file. */
  id: string;
  paused: boolean;
  /** Why it is paused, or was resumed. */
  note: string | null;
  /** ISO 8601; `null` while it is paused. */
  nextRunAt: string | null;
  /** The last runs, oldest first. */
  recentRuns: { workflowId: string; startedAt: string }[];
}

/** Lists the schedules that come from our files, in alphabetical order. */
export async function listSchedules(client: Client): Promise<ListedSchedule[]> {
  const listed: ListedSchedule[] = [];
  for await (const { scheduleId, state, info } of client.schedule.list()) {
    const id = parseScheduleId(scheduleId);
    if (id === null) continue;
    listed.push({
      id,
      paused: state.paused,
      note: state.note ?? null,
      nextRunAt: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
      recentRuns: info.recentActions.map(({ action, takenAt }) => ({
        workflowId: action.workflow.workflowId,
        startedAt: takenAt.toISOString(),
      })),
    });
  }
  return listed.sort((a, b) => a.id.localeCompare(b.id));
}

/**
 * Runs a schedule now, under its own overlap policy: with `skip`, nothing starts while a run goes on.
 * @throws ScheduleNotFoundError where there is none by this id.
 */
export async function triggerSchedule(client: Client, id: string): Promise<void> {
  const handle = scheduleHandle(client, id);
  const { policies } = await handle.describe();
  // Without a policy of its own a trigger would start beside whatever runs.
  await handle.trigger(policies.overlap);
}

/** Pauses a schedule; runs that go on are left alone. Throws `ScheduleNotFoundError` where there is none by this id. */
export async function pauseSchedule(client: Client, id: string, note = 'Paused by provider-jobs'): Promise<void> {
  const handle = scheduleHandle(client, id);
  await handle.pause(note);
  await untilDone(handle, ({ state }) => state.paused);
}

/** Resumes a paused schedule. Throws `ScheduleNotFoundError` where there is none by this id. */
export async function resumeSchedule(client: Client, id: string, note = 'Resumed by provider-jobs'): Promise<void> {
  const handle = scheduleHandle(client, id);
  await handle.unpause(note);
  await untilDone(handle, ({ state }) => !state.paused);
}

/** Deletes a schedule; what it started goes on. Throws `ScheduleNotFoundError` where there is none by this id. */
export async function deleteSchedule(client: Client, id: string): Promise<void> {
  await scheduleHandle(client, id).delete();
}
