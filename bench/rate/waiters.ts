import { AssemblyAI } from 'assemblyai';
import OpenAI from 'openai';
import { TwelveLabs } from 'twelvelabs-js';
import { nextPollDelayMs } from '../../src/polling/poll-plan.ts';
import { type KnownKind, limits } from '../detection/situations.ts';
import { OurLooks } from '../detection/our-looks.ts';
import { sleep } from '../detection/waiters.ts';
import { type LimitedProvider, retryAfterSeconds } from './limited-provider.ts';

/** Waits for a job of a kind from its start until its end is seen; rejects where it gives up. */
export type RateWaiter = (id: string, kind: KnownKind) => Promise<void>;

/** What a contender is made of for one run. */
export interface RateRun {
  provider: LimitedProvider;
  perSecond: number;
  random: () => number;
  /** How many jobs run at once in the mean: what one who tunes knows. */
  runningJobs: number;
}

/** Lets so many through in a second, whoever came first; what the token bucket of a worker comes to. */
export class Turns {
  readonly #everyMs: number;
  #nextMs = 0;

  constructor(perSecond: number) {
    this.#everyMs = 1000 / perSecond;
  }

  async take(): Promise<void> {
    const atMs = Math.max(Date.now(), this.#nextMs);
    this.#nextMs = atMs + this.#everyMs;
    await sleep(atMs - Date.now());
  }
}

function ours({ provider, perSecond, random }: RateRun): RateWaiter {
  const turns = new Turns(perSecond);
  const looks = new OurLooks(limits, random);
  return (id, { table }) =>
    looks.follow(table, async () => {
      await turns.take();
      const answer = provider.ask(id);
      // Nobody else uses the key, and the turns are its rate.
      if (answer === 'limited') throw new Error('a turn was refused');
      return { ended: answer === 'ended' };
    });
}

/** The same plan, as if calls were never short. */
function ourPlan({ provider, perSecond, random }: RateRun): RateWaiter {
  const turns = new Turns(perSecond);
  return async (id, { table }) => {
    const startedAt = Date.now();
    do {
      const elapsedMs = Date.now() - startedAt;
      await sleep(nextPollDelayMs({ processingTime: table, elapsedMs, limits, random }));
      await turns.take();
    } while (provider.ask(id) !== 'ended');
  };
}

/** Asks at an interval; one that is refused asks again when the answer says so. */
function interval({ provider }: RateRun, intervalMs: number, firstMs: () => number, turns?: Turns): RateWaiter {
  return async (id) => {
    await sleep(firstMs());
    for (;;) {
      await turns?.take();
      const answer = provider.ask(id);
      if (answer === 'ended') return;
      await sleep(answer === 'limited' ? retryAfterSeconds * 1000 : intervalMs);
    }
  };
}

// A little under the rate, so that the refused find room.
const usedOfRate = 0.9;

/** Everybody by name; each is made anew for a run, since they share what they learn and their turns. */
export const rateWaiters: Record<string, (run: RateRun) => RateWaiter> = {
  ours,
  'our plan, FIFO': ourPlan,
  '5 s, FIFO': (run) => interval(run, 5000, () => 0, new Turns(run.perSecond)),
  'interval, tuned to the rate': (run) => {
    const intervalMs = (run.runningJobs / run.perSecond / usedOfRate) * 1000;
    return interval(run, intervalMs, () => run.random() * intervalMs);
  },
  '5 s, Retry-After': (run) => interval(run, 5000, () => 0),
  '60 s recipe': ({ provider }) => {
    return async (id) => {
      // A refusal is a failure like the others.
      while (provider.ask(id) !== 'ended') await sleep(60_000);
    };
  },
  'twelvelabs-js': ({ provider }) => {
    globalThis.fetch = provider.fetchFor({ running: 'indexing', ended: 'ready' });
    const client = new TwelveLabs({ apiKey: 'none' });
    return async (id) => {
      await client.tasks.waitForDone(id);
    };
  },
  openai: ({ provider }) => {
    const fetchStatus = provider.fetchFor({ running: 'in_progress', ended: 'completed' });
    const client = new OpenAI({ apiKey: 'none', fetch: fetchStatus, logLevel: 'off' });
    return async (id) => {
      await client.vectorStores.files.poll('store', id);
    };
  },
  assemblyai: ({ provider }) => {
    globalThis.fetch = provider.fetchFor({ running: 'processing', ended: 'completed' });
    const { transcripts } = new AssemblyAI({ apiKey: 'none' });
    return async (id) => {
      await transcripts.waitUntilReady(id);
    };
  },
};
