import { readdirSync, readFileSync } from 'node:fs';

/** An event as JSON; besides what is here it holds one object of attributes, named after its type. */
type RecordedEvent = { eventId: string; eventTime: string; taskId: string; eventType: string } & Record<
  string,
  unknown
>;

/** A history as it is committed. */
export interface RecordedHistory {
  events: RecordedEvent[];
}

/** What stands in the attributes of an event that a command made. */
interface CommandAttributes {
  workflowTaskCompletedEventId?: string;
  activityType?: { name: string };
  workflowType?: { name: string };
  workflowId?: string;
}

const attributesOf = (event: RecordedEvent): CommandAttributes =>
  Object.entries(event).find(([name]) => name.endsWith('EventAttributes'))?.[1] ?? {};

/** The names of the committed histories. */
export const recordedHistories = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

/** Reads one, afresh each time. */
export function readHistory(name: string): RecordedHistory {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as RecordedHistory;
}

/** The workflow's type and id. */
export function workflowOf({ events }: RecordedHistory): { type: string; workflowId: string } {
  const [started] = events;
  const { workflowType, workflowId } = started === undefined ? {} : attributesOf(started);
  return { type: workflowType?.name ?? '', workflowId: workflowId ?? '' };
}

/** What a workflow asked for at this event, in words; null where the event is not a step of the workflow's own. */
function stepOf(event: RecordedEvent): string | null {
  const { workflowTaskCompletedEventId, activityType, workflowType, workflowId } = attributesOf(event);
  // Every event that a command made names its workflow task. What ends a step or the workflow is no step of its own.
  // A request to cancel an activity is left out too: swapped with an activity, it makes a history that the SDK refuses as
  // broken (an invalid transition), which says nothing of the order that the workflow asks in.
  const ends = /^EVENT_TYPE_WORKFLOW_EXECUTION_|CANCEL(ED|_REQUESTED)$/.test(event.eventType);
  if (workflowTaskCompletedEventId === undefined || ends) return null;
  const what = activityType?.name ?? [workflowType?.name, workflowId].filter(Boolean).join(' ');
  return `${event.eventType.slice('EVENT_TYPE_'.length)} ${what}`.trim();
}

/** Every history that comes of two neighbouring steps of different kinds changing places, by what was swapped. */
export function swapNeighbours(history: RecordedHistory): { swapped: string; history: RecordedHistory }[] {
  const steps = history.events.flatMap((event, index) => {
    const step = stepOf(event);
    return step === null ? [] : [{ step, event, index }];
  });
  return steps.flatMap((first, place) => {
    const second = steps[place + 1];
    if (second === undefined || second.step === first.step) return [];
    const at = ({ eventId, eventTime, taskId }: RecordedEvent, step: RecordedEvent) =>
      ({ ...step, eventId, eventTime, taskId }) as RecordedEvent;
    const events = history.events
      .with(first.index, at(first.event, second.event))
      .with(second.index, at(second.event, first.event));
    return [{ swapped: `${first.step} and ${second.step}`, history: { events } }];
  });
}
