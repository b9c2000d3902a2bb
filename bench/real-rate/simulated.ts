import { seededRandom } from '../../test/setup/seeded-random.ts';
import { sleep } from '../detection/waiters.ts';
import { OurLooks } from '../detection/our-looks.ts';
import { type KnownKind, limits } from '../detection/situations.ts';
import { Turns } from '../rate/waiters.ts';
import { inVirtualTime } from '../virtual-time.ts';

/** When a job was created, when its provider began with it and when it ended, in the provider's milliseconds. */
export interface JobTimes {
  createdMs: number;
  beganMs: number;
  endedMs: number;
}

/** What one job came to in the simulation. */
export interface SimulatedJob {
  delaySeconds: number;
  calls: number;
}

// Its transcript and its summary.
const callsAfter = 2;

/**
 * The plan alone, in virtual time, for jobs that were real: each is created, begins and ends when it did, its calls share
 * turns at this rate, and a look takes no time but its turn.
 */
export async function simulatePlan(
  { table }: KnownKind,
  jobs: readonly JobTimes[],
  { perSecond, seed }: { perSecond: number; seed: number },
): Promise<SimulatedJob[]> {
  const random = seededRandom(seed);
  const seen: SimulatedJob[] = [];
  await inVirtualTime(random, async () => {
    const firstMs = Math.min(...jobs.map(({ createdMs }) => createdMs));
    const turns = new Turns(perSecond);
    const looks = new OurLooks(limits, random);
    const follow = async ({ createdMs, beganMs, endedMs }: JobTimes) => {
      await sleep(createdMs - firstMs);
      await turns.take();
      await sleep(Math.max(0, beganMs - firstMs - Date.now()));
      await turns.take();
      const startedMs = Date.now();
      const endMs = startedMs + endedMs - beganMs;
      let calls = 0;
      await looks.follow(table, async () => {
        await turns.take();
        calls += 1;
        const atMs = Date.now();
        if (atMs < endMs) return { ended: false };
        seen.push({ delaySeconds: (atMs - endMs) / 1000, calls });
        return { ended: true, atMs: endMs };
      });
      for (let call = 0; call < callsAfter; call += 1) await turns.take();
    };
    await Promise.all(jobs.map(follow));
  });
  return seen;
}
