import type { Law } from '../../test/polling/optimum.ts';
import { inVirtualTime } from '../virtual-time.ts';
import type { Waiter } from './waiters.ts';

/** What waiting for some jobs came to, in the mean. */
export interface WaitCost {
  /** From a job's end to the look that saw it. */
  delaySeconds: number;
  calls: number;
}

/** One job's time from each of as many equal parts of a law: the mean settles with few of them. */
export function drawTimesMs(law: Law, jobs: number, random: () => number): number[] {
  return Array.from({ length: jobs }, (_, index) => law.quantile((index + random()) / jobs));
}

/** Lets a waiter wait for jobs that take these times, all at once, in virtual time. */
export async function measureWaiter(
  waiter: Waiter,
  timesMs: readonly number[],
  random: () => number,
): Promise<WaitCost> {
  let calls = 0;
  let delayMs = 0;
  await inVirtualTime(random, async () => {
    const waitFor = async (endMs: number) => {
      let hasSeen = false;
      await waiter(() => {
        calls += 1;
        const ended = Date.now() >= endMs;
        if (ended && !hasSeen) delayMs += Date.now() - endMs;
        hasSeen ||= ended;
        return ended;
      });
    };
    await Promise.all(timesMs.map(waitFor));
  });
  return { delaySeconds: delayMs / 1000 / timesMs.length, calls: calls / timesMs.length };
}
