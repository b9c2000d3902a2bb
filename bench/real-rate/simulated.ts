import { seededRandom } from '../../test/setup/seeded-random.ts';
import { OurLooks } from '../detection/our-looks.ts';
import { type KnownKind, limits } from '../detection/situations.ts';
import { Turns } from '../rate/waiters.ts';
import { inVirtualTime } from '../virtual-time.ts';

/** What one job came to in the simulation. */
export interface SimulatedJob {
  delaySeconds: number;
  calls: number;
}

// It is created and completed before it is looked at, and its transcript and its summary are fetched after that.
const [callsBefore, callsAfter] = [2, 2];

/** The plan alone, in virtual time: whole jobs that begin together and share turns at this rate, and nothing else takes time. */
export async function simulatePlan(
  { table }: KnownKind,
  durationsMs: readonly number[],
  { perSecond, seed }: { perSecond: number; seed: number },
): Promise<SimulatedJob[]> {
  const random = seededRandom(seed);
  const seen: SimulatedJob[] = [];
  await inVirtualTime(random, async () => {
    const turns = new Turns(perSecond);
    const looks = new OurLooks(limits, random);
    const follow = async (durationMs: number) => {
      for (let call = 0; call < callsBefore; call += 1) await turns.take();
      const endMs = Date.now() + durationMs;
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
    await Promise.all(durationsMs.map(follow));
  });
  return seen;
}
