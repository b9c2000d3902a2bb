import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import type { Benchmark, BenchContext, BenchResult, Figure } from '../benchmark.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { removeAtEnd, Started } from '../processes/clean-up.ts';
import { type SimulatorProcess, startSimulatorProcess } from '../processes/simulator.ts';
import { spreadOf } from '../spread.ts';
import { figuresTable } from '../table.ts';
import { conditionsOf, whereWeLose } from '../where-we-lose.ts';
import { capacityPage } from './capacity.ts';
import { forEachOf } from './contender.ts';
import { oursWithRate, parkedContenders } from './contenders.ts';
import { programVersions } from './servers.ts';
import { measureParked, type ParkedMeasure, type ParkedPlan } from './measure-parked.ts';

const plans: Record<'quick' | 'full', ParkedPlan> = {
  quick: { intervalMs: 3000, settleMs: 2000, windowMs: 6000, startLimitMs: 30_000 },
  full: { intervalMs: 60_000, settleMs: 45_000, windowMs: 60_000, startLimitMs: 900_000 },
};

const measures: { measure: string; unit: string; of: (measured: ParkedMeasure) => number | null }[] = [
  { measure: 'worker memory', unit: 'MiB', of: ({ workerMiB }) => workerMiB },
  { measure: 'its peak', unit: 'MiB', of: ({ peakWorkerMiB }) => peakWorkerMiB },
  { measure: 'server memory', unit: 'MiB', of: ({ serverMiB }) => serverMiB },
  { measure: 'store', unit: 'MiB', of: ({ storedMiB }) => storedMiB },
  { measure: 'status calls', unit: 'a minute', of: ({ callsPerMinute }) => callsPerMinute },
  { measure: 'worker CPU', unit: '% of a core', of: ({ workerCpuPercent }) => workerCpuPercent },
  {
    measure: 'worker CPU a call',
    unit: 'ms',
    of: ({ workerCpuPercent, callsPerMinute }) => (workerCpuPercent * 600) / callsPerMinute,
  },
  { measure: 'server CPU', unit: '% of a core', of: ({ serverCpuPercent }) => serverCpuPercent },
  {
    measure: 'server CPU a call',
    unit: 'ms',
    of: ({ serverCpuPercent, callsPerMinute }) => (serverCpuPercent * 600) / callsPerMinute,
  },
  { measure: 'until each was asked for once', unit: 's', of: ({ secondsToPark }) => secondsToPark },
  { measure: 'history', unit: 'events a job', of: ({ history }) => history?.events ?? null },
  { measure: 'history size', unit: 'KiB a job', of: ({ history }) => history?.kibibytes ?? null },
];

/** Makes assets that go on being processed, since their bytes never come. */
async function makeAssets({ baseUrls, keys }: SimulatorProcess, count: number): Promise<string[]> {
  const assetIds: string[] = [];
  await forEachOf(Array.from({ length: count }), async () => {
    const answer = await fetch(`${baseUrls.twelvelabs}/assets/multipart-uploads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': keys.twelvelabs[0] ?? '' },
      body: JSON.stringify({ filename: 'video.mp4', type: 'video', total_size: 1 }),
    });
    assetIds.push(((await answer.json()) as { asset_id: string }).asset_id);
  });
  return assetIds;
}

/** BENCH_PARKED_JOBS=1000,5000 parks so many in place of 1,000, 5,000 and 10,000; BENCH_PARKED_ONLY=ours measures one alone. */
async function run(context: BenchContext): Promise<BenchResult> {
  const started = new Started();
  const forget = removeAtEnd(context.folder);
  const book = new FigureBook();
  const left = new Map<string, string>();
  const { isQuick } = context;
  const counts =
    process.env['BENCH_PARKED_JOBS']?.split(',').map(Number) ?? (isQuick ? [20, 40] : [1000, 5000, 10_000]);
  const only = process.env['BENCH_PARKED_ONLY'];
  const contenders = parkedContenders.filter(({ name }) => only === undefined || name === only);
  const folder = join(context.folder, 'parked');
  try {
    await mkdir(folder);
    const simulator = started.add(await startSimulatorProcess(folder), (it) => it.kill());
    const assetIds = await makeAssets(simulator, Math.max(...counts));
    for (const count of counts) {
      for (const contender of contenders.filter(({ name }) => !left.has(name))) {
        const plan = plans[isQuick ? 'quick' : 'full'];
        const words = `${count.toLocaleString('en-US')} jobs, ${contender.name}`;
        try {
          const measured = await measureParked(contender, simulator, assetIds.slice(0, count), plan, folder);
          const { workerMiB, callsPerMinute } = measured;
          context.say(`${words}: ${workerMiB.toFixed(0)} MiB, ${callsPerMinute.toFixed(0)} calls a minute`);
          for (const { measure, unit, of } of measures) {
            const value = of(measured);
            const figure = { contender: contender.name, under: { jobs: count }, measure, unit };
            if (value !== null) book.add(figure, value);
          }
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          context.say(`${words}: ${reason}`);
          left.set(contender.name, `${words}: ${reason}`);
        }
      }
    }
    const versions = installedVersions(
      ...['@temporalio/worker', '@dbos-inc/dbos-sdk', 'bullmq'],
      ...['@restatedev/restate-sdk', '@restatedev/restate-server'],
    );
    const programs = programVersions('redis-server', 'postgres');
    return { figures: book.list(), versions: { ...versions, ...programs }, left: [...left.values()] };
  } finally {
    await started.end();
    forget();
  }
}

const intro = `So many jobs wait at the provider and do not end. \`ours\` follows each with \`track\`, worker and server as they are
installed: it decides by itself when to ask, at least once a minute unless looks go out late, as they do while thousands of
jobs begin at once; then it asks less often for a while. And once more where the provider allows only so many looks a
second. All others ask once a minute, as they are told:

- *60 s recipe*: a Temporal activity that asks and fails until the job has ended, tried again by the server;
- *timer loop*: a Temporal workflow that asks, sleeps and asks again, with the SDK's default cache, and with a small one;
- *DBOS*: the same loop with its durable sleep, on PostgreSQL; and each poll a workflow that waits in a delayed queue;
- *BullMQ*: a job that moves itself back among the delayed ones, on Redis with an append-only file; by default it takes
  one job at a time, and once more fifty;
- *Restate*: the same loop with its durable sleep; and each poll an invocation that sends the next one with a delay.

Memory and store are over what they were before the first job, server memory with all its processes. The figures are of
one minute that begins when each job has been asked for once and some time has passed; Temporal's store is the SQLite
file of its development server with its log. A server of its own has another store, and other figures.

Between two polls a job of ours is a row of the server, and its history does not grow. What it has in the worker is a
workflow in the SDK's cache, as a timer loop has, and that cache follows the heap: see how it ends between 1,000 and 10,000
jobs. Each poll is a new attempt of an activity, which costs server and worker more than a message in Redis does.`;

function parkedPage({ figures }: BenchResult): string {
  const tables = conditionsOf(figures).map(
    (under) => `**${Number(under['jobs']).toLocaleString('en-US')} jobs**\n\n${figuresTable(figures, under)}`,
  );
  const lost = whereWeLose(figures, {
    except: [oursWithRate],
    measures: {
      'worker memory': 8,
      'its peak': 8,
      'server memory': 8,
      store: 1,
      'status calls': 1,
      'worker CPU': 1,
      'server CPU': 1,
      'until each was asked for once': 1,
    },
  });
  return [intro, '![Memory of a worker with parked jobs](benchmarks/parked.svg)', ...tables, lost].join('\n\n');
}

function parkedChart(figures: readonly Figure[]): TopLevelSpec {
  const values = figures
    .filter(({ measure }) => ['worker memory', 'server memory'].includes(measure))
    .map(({ contender, under, measure, values: each }) => ({ contender, ...under, measure, ...spreadOf(each) }));
  return {
    data: { values },
    facet: { column: { field: 'measure', type: 'nominal', sort: ['worker memory', 'server memory'], title: null } },
    spec: {
      width: 330,
      height: 260,
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'jobs',
          type: 'quantitative',
          title: 'parked jobs',
          scale: { zero: true },
          axis: { format: ',d', tickCount: 5 },
        },
        y: { field: 'median', type: 'quantitative', title: 'MiB over idle' },
        color: { field: 'contender', type: 'nominal', sort: null, title: null },
        strokeWidth: { condition: { test: "datum.contender === 'ours'", value: 4 }, value: 1.5 },
      },
    },
  };
}

/** What waiting costs: many jobs that are parked. */
export const parked: Benchmark = {
  name: 'parked',
  title: 'Thousands of parked jobs',
  run,
  page: parkedPage,
  charts: ({ figures }) => ({ parked: parkedChart(figures) }),
  pages: ({ figures }) => ({ 'capacity.md': capacityPage(figures) }),
};
