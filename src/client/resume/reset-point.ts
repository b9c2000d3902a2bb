import type { temporal } from '@temporalio/proto';
import { mostUploadSessions } from '../../contract/limits.ts';

type Event = temporal.api.history.v1.IHistoryEvent;
/** An event id as the server writes it. */
export type EventId = NonNullable<Event['eventId']>;

/** An activity of a run that has closed. */
export interface RecordedActivity {
  name: string;
  scheduledId: number;
  /** The decision that scheduled it. */
  decidedAt: EventId;
  /** Absent where it was still under way when the run closed. */
  end?: { id: number; as: 'completed' | 'failed' | 'timed-out' | 'cancelled' };
}

/** Where a run that ended badly goes on. */
export interface ResetPoint {
  /** As the server takes it: what was before this event is kept. */
  eventId: EventId;
  /** What is done again first; `null` where the run goes on with what it had not yet heard. */
  activity: RecordedActivity | null;
}

const numberOf = (id: EventId | null | undefined) => Number(id ?? 0);
const recordedWithinMs = 180_000;

/** Whether it only wrote down an end that was no success, which changes nothing about that end. */
function isRecord(event: Event): boolean {
  const { activityType, scheduleToCloseTimeout } = event.activityTaskScheduledEventAttributes ?? {};
  return (
    activityType?.name === 'storeOutcome' && Number(scheduleToCloseTimeout?.seconds ?? 0) * 1000 === recordedWithinMs
  );
}

function endOf(event: Event): { scheduledId: number; as: NonNullable<RecordedActivity['end']>['as'] } | null {
  const ends = {
    completed: event.activityTaskCompletedEventAttributes,
    failed: event.activityTaskFailedEventAttributes,
    'timed-out': event.activityTaskTimedOutEventAttributes,
    cancelled: event.activityTaskCanceledEventAttributes,
  } as const;
  for (const as of ['completed', 'failed', 'timed-out', 'cancelled'] as const) {
    const attributes = ends[as];
    if (attributes != null) return { scheduledId: numberOf(attributes.scheduledEventId), as };
  }
  return null;
}

/** The activities of a lifecycle's course in their order; what wrote down its end is not among them. */
export function readActivities(events: readonly Event[]): RecordedActivity[] {
  const activities = new Map<number, RecordedActivity>();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.workflowTaskCompletedEventId != null && !isRecord(event)) {
      const scheduledId = numberOf(event.eventId);
      const decidedAt = scheduled.workflowTaskCompletedEventId;
      activities.set(scheduledId, { name: scheduled.activityType?.name ?? 'unknown', scheduledId, decidedAt });
    }
    const end = endOf(event);
    const ended = end === null ? undefined : activities.get(end.scheduledId);
    if (end !== null && ended !== undefined) ended.end = { id: numberOf(event.eventId), as: end.as };
  }
  return [...activities.values()];
}

/** The first decision past an event, which the server takes by the id of the event behind its scheduling. */
function decisionAfter(events: readonly Event[], id: number): EventId | null {
  const later = events.filter((event) => numberOf(event.eventId) > id);
  const scheduled = later.find(({ workflowTaskScheduledEventAttributes }) => workflowTaskScheduledEventAttributes);
  return scheduled?.eventId == null ? null : (scheduled.eventId as { add(n: number): EventId }).add(1);
}

const redo = (activity: RecordedActivity): ResetPoint => ({ eventId: activity.decidedAt, activity });

/** An upload that was given up without a failed activity: its last session goes on, or, where all are spent, the first is made anew. */
function pointOfUpload(activities: readonly RecordedActivity[]): ResetPoint | null {
  const [, first] = activities;
  const sessions = activities.filter(({ name }) => name === first?.name);
  const last = sessions.at(-1);
  if (first === undefined || last === undefined) return null;
  const wave = activities.find(({ scheduledId }) => scheduledId > last.scheduledId);
  return redo(sessions.length >= mostUploadSessions || wave === undefined ? first : wave);
}

/**
 * Where a run that ended badly goes on: with the decision before what failed or was under way. What a workflow had
 * swallowed, such as a file that could not be deleted, is not what failed.
 * @param failureType of a run that failed; `null` for one that was cancelled, terminated or timed out.
 */
export function findResetPoint(events: readonly Event[], failureType: string | null): ResetPoint | null {
  const cancel = events.find((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
  const cancelId = cancel === undefined ? Infinity : numberOf(cancel.eventId);
  const activities = readActivities(events).filter(({ scheduledId }) => scheduledId < cancelId);
  const last = activities.at(-1);
  if (last === undefined) return firstPoint(events);
  const { end } = last;
  const isEnded = end !== undefined && end.id < cancelId;
  if (!isEnded || end.as === 'timed-out' || end.as === 'cancelled') return redo(last);
  if (failureType === 'UploadFailed' && end.as === 'completed') {
    return pointOfUpload(activities) ?? redo(last);
  }
  if (end.as === 'failed') return redo(last);
  const eventId = decisionAfter(events, end.id);
  // One that came only with the cancellation would hear of it again.
  return eventId === null || Number(eventId) > cancelId ? redo(last) : { eventId, activity: null };
}

function firstPoint(events: readonly Event[]): ResetPoint | null {
  const eventId = decisionAfter(events, 0);
  return eventId === null ? null : { eventId, activity: null };
}
