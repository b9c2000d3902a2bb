import type { Figure } from '../benchmark.ts';
import { kinds, limits } from '../detection/situations.ts';
import { nextPollDelayMs } from '../../src/polling/poll-plan.ts';
import { measurePlan } from '../../test/polling/optimum.ts';
import { seededRandom } from '../../test/setup/seeded-random.ts';
import { meanOf, medianOf } from '../spread.ts';
import { formatNumber, markdownTable } from '../table.ts';
import { looksASecond, oursWithRate } from './contenders.ts';

const [few, more, most] = [1000, 5000, 10_000];
const million = 1_000_000;

/** One term of what a parked job costs: a line through two measurements, or their mean where it is a cost of each call. */
interface Term {
  measure: string;
  unit: string;
  isPerCall?: boolean;
}

const calls: Term = { measure: 'status calls', unit: 'a minute' };
const workerOfCall: Term = { measure: 'worker CPU a call', unit: 'ms', isPerCall: true };
const serverOfCall: Term = { measure: 'server CPU a call', unit: 'ms', isPerCall: true };

const terms: readonly Term[] = [
  { measure: 'worker memory', unit: 'MiB' },
  { measure: 'server memory', unit: 'MiB' },
  { measure: 'store', unit: 'MiB' },
  { measure: 'history', unit: 'events a job', isPerCall: true },
  { measure: 'history size', unit: 'KiB a job', isPerCall: true },
  calls,
  workerOfCall,
  serverOfCall,
];

/** What the model says of so many jobs, from what was measured at the two smaller counts. */
function predict(figures: readonly Figure[], { measure, isPerCall = false }: Term, jobs: number): number {
  const [low = NaN, high = NaN] = [few, more].map((count) => medianOf(figures, oursWithRate, measure, { jobs: count }));
  return isPerCall ? (low + high) / 2 : low + ((high - low) * (jobs - few)) / (more - few);
}

/** Calls a minute: as many as the jobs ask for, and no more than the rate allows. */
const predictCalls = (figures: readonly Figure[], jobs: number) =>
  Math.min(predict(figures, calls, jobs), looksASecond * 60);

const percent = (part: number) => `${String(Math.round(part * 100))} %`;

function termsTable(figures: readonly Figure[]): string {
  const rows = terms.map((term) => {
    const measured = [few, more, most].map((jobs) => medianOf(figures, oursWithRate, term.measure, { jobs }));
    const said = term === calls ? predictCalls(figures, most) : predict(figures, term, most);
    return [`${term.measure}, ${term.unit}`, ...measured, said, percent(Math.abs(said / (measured[2] ?? NaN) - 1))];
  });
  const counts = [few, more, most].map((jobs) => `${formatNumber(jobs)} jobs`);
  return markdownTable(['', ...counts, `the model of ${formatNumber(most)}`, 'off by'], rows);
}

/** Looks a second at a million jobs of each kind that wait at any time. */
function looksOfAMillion(): { kind: string; perSecond: number }[] {
  const known = kinds.map(({ title, law, table }) => {
    const random = seededRandom(1);
    const nextLookMs = (elapsedMs: number) => nextPollDelayMs({ processingTime: table, elapsedMs, limits, random });
    const { calls } = measurePlan(law, nextLookMs, { jobs: 4000, random });
    const meanMs = meanOf(Array.from({ length: 1000 }, (_, index) => law.quantile((index + 0.5) / 1000)));
    return { kind: `${title} at Tiro`, perSecond: (million * calls) / (meanMs / 1000) };
  });
  return [...known, { kind: 'nothing known, for long', perSecond: million / 60 }];
}

/** `docs/capacity.md`, or `null` where the counts that it rests on were not measured. */
export function capacityPage(figures: readonly Figure[]): string | null {
  const counts = new Set(
    figures.filter(({ contender }) => contender === oursWithRate).map(({ under }) => under['jobs']),
  );
  if (![few, more, most].every((jobs) => counts.has(jobs))) return null;
  const [workerMs, serverMs] = [predict(figures, workerOfCall, most), predict(figures, serverOfCall, most)];
  const recipesPerSecond = medianOf(figures, '60 s recipe', 'status calls', { jobs: most }) / 60;
  const rows = looksOfAMillion().map(({ kind, perSecond }) => [
    kind,
    perSecond,
    (perSecond * workerMs) / 1000,
    (perSecond * serverMs) / 1000,
    (perSecond * 3600) / million,
  ]);
  const overIdle = (measure: string, jobs: number) => predict(figures, { measure, unit: 'MiB' }, jobs);
  const perJobKiB = (measure: string) => ((overIdle(measure, more) - overIdle(measure, few)) * 1024) / (more - few);
  return `<!-- Written by \`npm run bench\` from bench/results/parked.json; change bench/parked/capacity.ts, not this page. -->

# What a million jobs that wait would take

A job that waits is rows in Temporal's store and a timer of its server. In the worker it is nothing, or one of the 100
workflows of its cache. What it costs hangs on how often it is looked at.

## Measured

The benchmark [Thousands of parked jobs](benchmarks.md#thousands-of-parked-jobs), \`${oursWithRate}\`: assets at TwelveLabs
of which nothing is known, with \`TWELVELABS_RATE=${String(looksASecond)}/s\`, which Temporal's development server with SQLite and one history shard
keeps up with. Memory and store are over what they were without jobs. The model is a line through ${formatNumber(few)} and ${formatNumber(more)}
jobs, and for what each job or call costs the mean of the two; calls are as many as the jobs ask for and the rate allows.

${termsTable(figures)}

So each further job takes ${formatNumber(perJobKiB('store'))} KiB of the store, ${formatNumber(perJobKiB('server memory'))} KiB of the server's memory and
${formatNumber(perJobKiB('worker memory'))} KiB of the worker's. Per job there is one timer at a time, and each look is one Action.

## A million, by the model

Looks a second are what it comes to: once a minute where nothing is known, and with a likely time as many as the plan
makes over such a job's life.

${markdownTable(['a million that wait', 'looks a second', 'cores of workers', 'cores of Temporal', 'million Actions an hour'], rows)}

The store would hold ${formatNumber((perJobKiB('store') * million) / 1024 ** 2)} GiB, and history stays as it is, however long they wait.

- **Workers**: cores as above, two thirds busy; each holds its idle memory and ${formatNumber(overIdle('worker memory', few))} to ${formatNumber(medianOf(figures, oursWithRate, 'worker memory', { jobs: most }))} MiB, however many jobs
  wait. They share nothing: add as many as it takes, by role (\`PROVIDER_JOBS_ROLES=twelvelabs\`).
- **Shards**: one gave ${formatNumber(recipesPerSecond)} looks a second to the *60 s recipe* of the benchmark, with its store on the same two cores.
  Divide the looks by what one gives on your store, and double it: the number is fixed when a cluster is made.
- **Partitions**: a task queue has four; each provider has its own queues. Raise \`matching.numTaskqueueReadPartitions\` and
  \`…WritePartitions\` of \`<stem>-<provider>\` with the looks, and set both to one where a low rate must be kept strictly.

## What breaks first

1. **The provider's rate.** No published one allows a million jobs of any length a look a minute. With \`TWELVELABS_RATE=10/s\`
   the price of a call rises until the looks fit, and ends are seen later ([polling](polling.md#rates)).
2. **Temporal's store**, by writes for each look. SQLite ends here; PostgreSQL and Cassandra go by shards.
3. **Matching**, by tasks a second for each partition.
4. **Actions**, on Temporal Cloud: the bill before the machine.

What helps in this order: tell the length (\`durationSeconds\`), keep what is learned (\`PROVIDER_JOBS_PRIORS\`), set the rate
that you have; only then add machines.
`;
}
