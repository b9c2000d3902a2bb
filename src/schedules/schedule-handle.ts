import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { scheduleIdOf } from './schedule-options.ts';

const lookEveryMs = 100;
const mostLooks = 50;

/** The handle of a schedule by its id in the file. */
export function scheduleHandle(client: Client, id: string): ScheduleHandle {
  return client.schedule.getHandle(scheduleIdOf(id));
}

/**
 * Waits until the server has done what it said it would, five seconds at most: it answers beforehand, and of an
 * update and a pause that it finds together one would undo the other.
 */
export async function untilDone(
  handle: ScheduleHandle,
  isDone: (description: ScheduleDescription) => boolean,
): Promise<void> {
  for (let look = 0; look < mostLooks; look += 1) {
    if (isDone(await handle.describe())) return;
    await delay(lookEveryMs);
  }
}
