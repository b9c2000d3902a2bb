// The bare workflow that whole jobs are measured against: nothing but events.
import { proxyActivities, sleep } from '@temporalio/workflow';

/** How many of each, one after the other. */
export interface BareInput {
  activities: number;
  timers: number;
}

export async function bare({ activities, timers }: BareInput): Promise<void> {
  const { nothing } = proxyActivities<{ nothing: () => Promise<void> }>({ startToCloseTimeout: '1 minute' });
  for (let done = 0; done < activities; done += 1) await nothing();
  for (let done = 0; done < timers; done += 1) await sleep(1);
}
