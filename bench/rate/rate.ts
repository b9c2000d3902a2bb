import { seededRandom } from '../../test/setup/seeded-random.ts';
import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';
import { drawTimesMs } from '../detection/measure.ts';
import { anyKind, type KnownKind, kinds } from '../detection/situations.ts';
import { sleep } from '../detection/waiters.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { meanOf, quantileOf } from '../spread.ts';
import { inVirtualTime } from '../virtual-time.ts';
import { LimitedProvider, type WatchedJob } from './limited-provider.ts';
import { rateCharts, ratePage } from './page.ts';
import { type RateRun, rateWaiters } from './waiters.ts';

const perSecond = 10;
// Those who are refused ask again each second, so there are ever more of them.
const [storm, mostInStorm] = ['5 s, Retry-After', 2000];

interface Arrival {
  id: string;
  kind: KnownKind;
  atMs: number;
  durationMs: number;
}

/** Jobs of all lengths, and when each begins. */
interface Load {
  title: string;
  jobs: number;
  /** Spread over this time; 0 for all at once. */
  withinMs: number;
  /** Only jobs that begin from here to there count: before, the load is still growing, and after, it shrinks. */
  counted?: { fromMs: number; toMs: number };
}

function arrivalsOf({ jobs, withinMs }: Load, random: () => number): Arrival[] {
  return Array.from({ length: jobs }, (_, index): Arrival => {
    const kind = kinds[Math.floor(random() * kinds.length)];
    if (kind === undefined) throw new RangeError('no kinds');
    return { id: `job-${String(index)}`, kind, atMs: random() * withinMs, durationMs: kind.law.quantile(random()) };
  });
}

/** What became of the jobs that count. */
interface Outcome {
  jobs: WatchedJob[];
  gaveUp: number;
}

/** Lets a contender wait for all of them in virtual time. */
async function measure(
  create: (run: RateRun) => (id: string, kind: KnownKind) => Promise<void>,
  load: Load,
  seed: number,
): Promise<Outcome> {
  const arrivals = arrivalsOf(load, seededRandom(seed));
  const random = seededRandom(seed + 1);
  const meanMs = meanOf(drawTimesMs(anyKind.law, 1000, seededRandom(1)));
  // No more than there are, where the load is over before the first of them have ended.
  const runningJobs = load.jobs * Math.min(1, load.withinMs === 0 ? 1 : meanMs / load.withinMs);
  const provider = new LimitedProvider(perSecond);
  const real = { fetch: globalThis.fetch, error: console.error };
  // twelvelabs-js tells of each refusal.
  console.error = () => undefined;
  const { fromMs, toMs } = load.counted ?? { fromMs: 0, toMs: Infinity };
  const counted: WatchedJob[] = [];
  let gaveUp = 0;
  try {
    await inVirtualTime(random, async () => {
      const wait = create({ provider, perSecond, random, runningJobs });
      const follow = async ({ id, kind, atMs, durationMs }: Arrival) => {
        await sleep(atMs);
        const counts = atMs >= fromMs && atMs < toMs;
        const job = provider.begin(id, durationMs);
        if (counts) counted.push(job);
        await wait(id, kind).catch(() => (gaveUp += counts ? 1 : 0));
      };
      await Promise.all(arrivals.map(follow));
    });
  } finally {
    globalThis.fetch = real.fetch;
    console.error = real.error;
  }
  return { jobs: counted, gaveUp };
}

async function run({ seed, isQuick, say }: BenchContext): Promise<BenchResult> {
  const [rounds, minutes] = isQuick ? [1, 2] : [3, 90];
  const minuteMs = 60_000;
  const loads: Load[] = [
    {
      title: '3 jobs a second, all the time',
      jobs: minutes * 180,
      withinMs: minutes * minuteMs,
      counted: { fromMs: (minutes / 2) * minuteMs, toMs: (minutes / 2 + minutes / 6) * minuteMs },
    },
    { title: `${String(isQuick ? 100 : 1000)} jobs at once`, jobs: isQuick ? 100 : 1000, withinMs: 0 },
  ];
  const left = new Set<string>();
  const book = new FigureBook();
  for (const load of loads) {
    for (let round = 0; round < rounds; round += 1) {
      say(`${load.title}, round ${String(round + 1)} of ${String(rounds)}`);
      for (const [contender, create] of Object.entries(rateWaiters)) {
        if (contender === storm && load.jobs > mostInStorm) {
          left.add(`${contender} with ${load.title}, which is tens of millions of calls.`);
          continue;
        }
        const outcome = await measure(create, load, seed * 1000 + round);
        const delays = outcome.jobs.flatMap(({ seenMs, endMs }) => (seenMs === null ? [] : [(seenMs - endMs) / 1000]));
        const under = { load: load.title };
        const add = (measureName: string, unit: string, value: number) => {
          book.add({ contender, under, measure: measureName, unit }, value);
        };
        // Where nobody saw an end there is no delay to speak of.
        if (delays.length > 0) {
          add('delay', 's', meanOf(delays));
          add('delay, 95 %', 's', quantileOf(delays, 0.95));
        }
        add('calls', '', meanOf(outcome.jobs.map(({ calls }) => calls)));
        add('429s', '', meanOf(outcome.jobs.map(({ refused }) => refused)));
        add('gave up', '%', (outcome.gaveUp / outcome.jobs.length) * 100);
      }
    }
  }
  return {
    figures: book.list(),
    versions: installedVersions('twelvelabs-js', 'openai', 'assemblyai'),
    left: [...left],
  };
}

/** What becomes of delay and refusals where a key may make fewer calls than its jobs would like. */
export const rate: Benchmark = {
  name: 'rate',
  title: 'A rate of 10 calls a second',
  run,
  page: ratePage,
  charts: rateCharts,
};
