import type { BareInput } from './bare.ts';

// As in docs/architecture.md: of the workflow itself, of an activity and of a timer, each with the task that takes it up.
const [own, ofActivity, ofTimer] = [5, 6, 5];

/** A bare workflow with just so many events, of activities as far as that comes out even; throws where there is none. */
export function bareWith(events: number): BareInput {
  for (let timers = 0; timers * ofTimer <= events - own; timers += 1) {
    const activities = (events - own - timers * ofTimer) / ofActivity;
    if (Number.isInteger(activities)) return { activities, timers };
  }
  throw new RangeError(`no bare workflow has ${String(events)} events`);
}
