import { nextPollDelayMs, type ProcessingTime } from '../../src/polling/poll-plan.ts';
import { bestPlan, type Law, lognormal, measurePlan } from '../../test/polling/optimum.ts';
import { seededRandom } from '../../test/setup/seeded-random.ts';
import type { Benchmark, BenchContext, BenchResult, Figure } from '../benchmark.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { meanOf } from '../spread.ts';
import { drawTimesMs, measureWaiter } from './measure.ts';
import { detectionCharts, detectionPage } from './page.ts';
import { learnedWaiter } from './our-looks.ts';
import { anyKind, type Kind, kinds, limits, priors, times } from './situations.ts';
import { bestInterval, bestRetryPolicy, bestSmithy, bestWaitAndInterval } from './tuned.ts';
import * as waiters from './waiters.ts';
import type { Waiter } from './waiters.ts';

const asShipped: Record<string, Waiter> = {
  assemblyai: waiters.assemblyai,
  'twelvelabs-js': waiters.twelvelabsJs,
  openai: waiters.openai,
  'smithy waiter': waiters.smithy(),
  'google-gax': waiters.gax,
  'Lambda durable': waiters.lambdaDurable,
  'Temporal retry': waiters.retried(waiters.temporalDefault),
  '60 s recipe': waiters.retried(waiters.infrequentRecipe),
};

const tuned: Record<string, (law: Law) => Waiter> = {
  'interval, tuned': bestInterval,
  'first wait and interval, tuned': bestWaitAndInterval,
  'smithy waiter, tuned': bestSmithy,
  'retry policy, tuned': bestRetryPolicy,
};

function ours(processingTime: ProcessingTime | null, random: () => number): Waiter {
  return waiters.planned((elapsedMs) => nextPollDelayMs({ processingTime, elapsedMs, limits, random }));
}

/** Looks at one interval from the job's start on, as many of them in the mean as ours takes. */
function intervalOfAsManyCalls(law: Law, processingTime: ProcessingTime | null): Waiter {
  const random = seededRandom(1);
  const nextLookMs = (elapsedMs: number) => nextPollDelayMs({ processingTime, elapsedMs, limits, random });
  const { calls } = measurePlan(law, nextLookMs, { jobs: 1000, random });
  // Beyond whole intervals each job costs half a call more.
  const intervalMs = meanOf(drawTimesMs(law, 1000, random)) / (calls - 0.5);
  return waiters.planned(() => intervalMs);
}

function optimum(law: Law, priceMs: number): Waiter {
  const { looksMs } = bestPlan(law, priceMs);
  return waiters.planned((elapsedMs, looks) => Math.max(0, (looksMs[looks] ?? elapsedMs * 1.1) - elapsedMs));
}

const learnedJobs = 20;

/** Prices of a call, of which the least possible delays for so many calls come. */
const pricesMs = [100, 200, 400, 1000, 2500, 6000, 15_000];

/** Who waits for jobs of one kind, when the table says this of them. */
async function contendersFor(
  { law, table }: Kind,
  prior: keyof typeof priors,
  random: () => number,
): Promise<Record<string, Waiter>> {
  const factor = priors[prior];
  const told = table === null ? null : times(table, factor);
  const learnedMs = Array.from({ length: learnedJobs }, () => law.quantile(random()));
  const believed = table === null ? law : lognormal(times(table, factor));
  return {
    ours: ours(told, random),
    [`ours, after ${String(learnedJobs)} jobs`]: await learnedWaiter(told, limits, { timesMs: learnedMs, random }),
    'interval, as many calls as ours': intervalOfAsManyCalls(law, told),
    ...Object.fromEntries(Object.entries(tuned).map(([name, tune]) => [name, tune(believed)])),
    // What is told nothing is not misled.
    ...(factor === 1 ? { optimum: optimum(law, 1000), ...asShipped } : {}),
  };
}

async function run({ seed, isQuick, say }: BenchContext): Promise<BenchResult> {
  const [rounds, jobs] = isQuick ? [2, 50] : [5, 400];
  const book = new FigureBook();
  const note = (contender: string, under: Figure['under'], measure: string, unit: string, value: number) => {
    book.add({ contender, under, measure, unit }, value);
  };
  for (const kind of [...kinds, anyKind]) {
    const known = Object.keys(priors) as (keyof typeof priors)[];
    for (const prior of kind.table === null ? (['right'] as const) : known) {
      const under = { jobs: kind.title, prior: kind.table === null ? 'nothing known' : prior };
      say(`${under.jobs}, ${under.prior}: ${String(rounds)} rounds of ${String(jobs)} jobs`);
      const chance = seededRandom(seed);
      const contenders = await contendersFor(kind, prior, chance);
      const frontier =
        prior === 'right' ? pricesMs.map((priceMs) => ({ priceMs, waiter: optimum(kind.law, priceMs) })) : [];
      for (let round = 0; round < rounds; round += 1) {
        // The same jobs for everybody.
        const timesMs = drawTimesMs(kind.law, jobs, seededRandom(seed * 1000 + round));
        for (const [contender, waiter] of Object.entries(contenders)) {
          const { delaySeconds, calls } = await measureWaiter(waiter, timesMs, chance);
          note(contender, under, 'delay', 's', delaySeconds);
          note(contender, under, 'calls', '', calls);
          note(contender, under, 'delay + 1 s a call', 's', delaySeconds + calls);
        }
        for (const { priceMs, waiter } of frontier) {
          const { delaySeconds, calls } = await measureWaiter(waiter, timesMs, chance);
          note('least possible', { ...under, priceMs }, 'delay', 's', delaySeconds);
          note('least possible', { ...under, priceMs }, 'calls', '', calls);
        }
      }
    }
  }
  const packages = ['twelvelabs-js', 'openai', 'assemblyai', '@smithy/core', 'google-gax'];
  return {
    figures: book.list(),
    versions: installedVersions(...packages, '@aws/durable-execution-sdk-js'),
    left: [],
  };
}

/** How late the end of a job is seen, and what that costs in calls, in virtual time. */
export const detection: Benchmark = {
  name: 'detection',
  title: 'How late an end is seen, and for how many calls',
  run,
  page: detectionPage,
  charts: detectionCharts,
};
