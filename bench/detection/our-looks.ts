import type { PollLimits, ProcessingTime } from '../../src/polling/poll-plan.ts';
import { LookPlanner, type PlannedJob } from '../../src/polling/look-planner.ts';
import { inVirtualTime } from '../virtual-time.ts';
import { sleep, type Waiter } from './waiters.ts';

/** The looks of a worker of ours at jobs of which a provider says one thing, in the time of the global clock. */
export class OurLooks {
  readonly #planner: LookPlanner;
  readonly #limits: PollLimits;
  #jobs = 0;

  constructor(limits: PollLimits, random: () => number) {
    this.#limits = limits;
    this.#planner = new LookPlanner({ timeScale: 1, random });
  }

  /**
   * Waits for a job from its start. `ask` may be late, as where calls are short; where it gives the moment of the end, as
   * Tiro does, the planner learns from it.
   */
  async follow(
    processingTime: ProcessingTime | null,
    ask: () => Promise<{ ended: boolean; atMs?: number }>,
  ): Promise<void> {
    this.#jobs += 1;
    const id = String(this.#jobs);
    const job: PlannedJob = { provider: 'tiro', resource: 'voice-file-job', id, limits: this.#limits, processingTime };
    const startedAtMs = Date.now();
    await sleep(this.#planner.firstLookInMs(job, startedAtMs));
    for (let calls = 1; ; calls += 1) {
      const isFirst = calls === 1;
      const { ended, atMs } = await ask();
      if (ended) {
        const took = atMs === undefined ? null : { endedAtMs: atMs - startedAtMs, foundByFirstLook: isFirst };
        this.#planner.ended(job, took);
        return;
      }
      await sleep(this.#planner.nextLookInMs(job, { startedAtMs, isQueued: false, isFirst, calls, progress: null }));
    }
  }
}

/** Ours after jobs of these times, each seen to its end before the next; it learns no more while it is measured. */
export async function learnedWaiter(
  processingTime: ProcessingTime | null,
  limits: PollLimits,
  { timesMs, random }: { timesMs: readonly number[]; random: () => number },
): Promise<Waiter> {
  const looks = new OurLooks(limits, random);
  await inVirtualTime(random, async () => {
    for (const durationMs of timesMs) {
      const atMs = Date.now() + durationMs;
      await looks.follow(processingTime, () => Promise.resolve({ ended: Date.now() >= atMs, atMs }));
    }
  });
  return (look) => looks.follow(processingTime, () => Promise.resolve({ ended: look() }));
}
