import type { WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';

/** An activity as a workflow asked for it. */
export interface ScheduledActivity {
  activity: string;
  taskQueue: string;
  input: unknown;
  scheduledAtMs: number;
  scheduleToCloseMs: number;
}

/** Every activity that a workflow has asked for so far, in order. */
export async function readScheduled(handle: WorkflowHandle): Promise<ScheduledActivity[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled, eventTime }) => {
    if (!scheduled) return [];
    const data = scheduled.input?.payloads?.[0]?.data ?? null;
    return [
      {
        activity: scheduled.activityType?.name ?? '',
        taskQueue: scheduled.taskQueue?.name ?? '',
        input: data === null ? undefined : (JSON.parse(Buffer.from(data).toString()) as unknown),
        scheduledAtMs: tsToMs(eventTime),
        scheduleToCloseMs: tsToMs(scheduled.scheduleToCloseTimeout),
      },
    ];
  });
}
