import type { Figure } from '../benchmark.ts';
import { kinds, limits } from '../detection/situations.ts';
import { nextPollDelayMs } from '../../src/polling/poll-plan.ts';
import { measurePlan } from '../../test/polling/optimum.ts';
import { seededRandom } from '../../test/setup/seeded-random.ts';
import { figuresUnder, meanOf, medianOf } from '../spread.ts';
import { formatNumber, markdownTable } from '../table.ts';
import { looksASecond, oursWithRate } from './contenders.ts';

const [few, more, most] = [1000, 5000, 10_000];
const million = 1_000_000;

type Way = (low: number, high: number, jobs: number) => number;

const line: Way = (low, high, jobs) => low + ((high - low) * (jobs - few)) / (more - few);
const flat: Way = (low, high) => (low + high) / 2;
/** By the same factor each time that the jobs double. */
const power: Way = (low, high, jobs) => low * (jobs / few) ** (Math.log(high / low) / Math.log(more / few));
const upToTheRate: Way = (...given) => Math.min(line(...given), looksASecond * 60);

/** One term of what parked jobs cost, and how it goes on from the two smaller counts. */
interface Term {
  measure: string;
  unit: string;
  contender: string;
  way: Way;
  wayInWords: string;
}

const workerOfCall: Term = {
  ...{ measure: 'worker CPU a call', unit: 'ms', contender: 'ours' },
  ...{ way: flat, wayInWords: 'the mean' },
};
const serverOfCall: Term = { ...workerOfCall, measure: 'server CPU a call' };
const workerMemory: Term = { ...workerOfCall, measure: 'worker memory', unit: 'MiB' };
const store: Term = { ...workerMemory, measure: 'store', way: line, wayInWords: 'a line' };

const terms: readonly Term[] = [
  store,
  { ...workerOfCall, measure: 'history', unit: 'events a job' },
  { ...workerOfCall, measure: 'history size', unit: 'KiB a job' },
  workerMemory,
  { ...workerMemory, measure: 'server memory', way: power, wayInWords: 'a power' },
  workerOfCall,
  serverOfCall,
  {
    ...{ measure: 'status calls', unit: 'a minute', contender: oursWithRate },
    ...{ way: upToTheRate, wayInWords: 'a line, up to the rate' },
  },
];

const measuredAt = (figures: readonly Figure[], { contender, measure }: Term, jobs: number) =>
  medianOf(figures, contender, measure, { jobs });

/** What the model says of so many jobs, from what was measured at the two smaller counts. */
const predict = (figures: readonly Figure[], term: Term, jobs: number) =>
  term.way(measuredAt(figures, term, few), measuredAt(figures, term, more), jobs);

const rangeOf = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
const percent = (part: number) => `${String(Math.round(part * 100))} %`;

function termsTable(figures: readonly Figure[]): string {
  const rows = terms.map((term) => {
    const measured = [few, more, most].map((jobs) => measuredAt(figures, term, jobs));
    const said = predict(figures, term, most);
    const off = percent(Math.abs(said / (measured[2] ?? NaN) - 1));
    return [`${term.measure}, ${term.unit}`, ...measured, term.wayInWords, said, off];
  });
  const counts = [few, more, most].map((jobs) => `${formatNumber(jobs)} jobs`);
  return markdownTable(['', ...counts, 'goes on as', `model of ${formatNumber(most)}`, 'off by'], rows);
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
  const isMeasured = ({ contender, measure }: Term) =>
    [few, more, most].every((jobs) =>
      figuresUnder(figures, { jobs }, measure).some((figure) => figure.contender === contender),
    );
  if (!terms.every(isMeasured)) return null;
  const [workerMs, serverMs] = [predict(figures, workerOfCall, most), predict(figures, serverOfCall, most)];
  const recipesPerSecond = medianOf(figures, '60 s recipe', 'status calls', { jobs: most }) / 60;
  const rows = looksOfAMillion().map(({ kind, perSecond }) => [
    kind,
    perSecond,
    (perSecond * workerMs) / 1000,
    (perSecond * serverMs) / 1000,
    (perSecond * 3600) / million,
  ]);
  const storeKiB = ((predict(figures, store, more) - predict(figures, store, few)) / (more - few)) * 1024;
  const [leastMiB, mostMiB] = rangeOf([few, more, most].map((jobs) => measuredAt(figures, workerMemory, jobs)));
  const limited = [few, most].map((jobs) => measuredAt(figures, { ...serverOfCall, contender: oursWithRate }, jobs));
  return `<!-- Written by \`npm run bench\` from bench/results/parked.json; change bench/parked/capacity.ts, not this page. -->

# What a million jobs that wait would take

A job that waits is rows in Temporal's store and a timer of its server. In the worker it is nothing, or one of the 100
workflows of its cache. What it costs hangs on how often it is looked at.

## Measured

The benchmark [Thousands of parked jobs](benchmarks.md#thousands-of-parked-jobs), \`ours\`: assets at TwelveLabs of which
nothing is known, on Temporal's development server with SQLite and one history shard. Memory and store are over what they were
without jobs. The model knows ${formatNumber(few)} and ${formatNumber(more)} jobs alone. How often jobs are asked for is a matter of the rate: status calls
are those with \`TWELVELABS_RATE=${String(looksASecond)}/s\`.

${termsTable(figures)}

So each further job takes ${formatNumber(storeKiB)} KiB of the store. Per job there is one timer at a time, and each look is one Action. A
worker's memory does not follow the jobs. With a rate that is short a look costs more, since those that wait for their turn
are handed out more than once: ${formatNumber(limited[0] ?? NaN)} ms of the server at ${formatNumber(few)} jobs and ${formatNumber(limited[1] ?? NaN)} at ${formatNumber(most)}, with all that is in the queue.

## A million, by the model

Looks a second are what it comes to: once a minute where nothing is known, and with a likely time as many as the plan
makes over such a job's life.

${markdownTable(['a million that wait', 'looks a second', 'cores of workers', 'cores of Temporal', 'million Actions an hour'], rows)}

The store would hold ${formatNumber((storeKiB * million) / 1024 ** 2)} GiB, and history stays as it is, however long they wait. The server's memory is not carried so
far: its caches have bounds of their own, which are set for a cluster.

- **Workers**: cores as above; plan them two thirds busy. Each holds its idle memory and ${formatNumber(leastMiB)} to ${formatNumber(mostMiB)} MiB, however many jobs
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
