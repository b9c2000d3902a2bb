import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import Table from 'cli-table3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { seededRandom } from '../setup/seeded-random.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import { weatherOf } from './rates.ts';
import { lifecycles, startJobs, type WeatherJob, writeFiles } from './weather-jobs.ts';
import { faultOf, judge, type WeatherVerdict } from './weather-verdict.ts';

const seeds = (process.env['SEEDS'] ?? '1,2,3').split(',').map(Number);
const perProvider = Number(process.env['WEATHER_JOBS'] ?? 50);
const cancelledOf = 20;
const longestLifeMs = 4000;
const timeScale = 30;

/** What became of the jobs beside which others were cancelled. */
interface Neighbours {
  cancelled: number;
  jobs: number;
  faults: string[];
}

describe.each(seeds)(`${String(perProvider)} jobs at each provider under the weather of seed %i`, (seed) => {
  let world: World;
  let worker: WorkerProcess;
  let sources: string[];
  beforeAll(async () => {
    const simulator = { chunkSizeBytes: 16 * 1024 };
    world = await startWorld({ startWorker: false, namespace: 'default', timeScale, simulator });
    sources = await writeFiles(world);
    worker = await startWorkerProcess(world.environment);
    world.simulator.setWeather(weatherOf(seed));
  });
  afterAll(async () => {
    await worker.kill();
    await world.close();
  });
  const first: WeatherJob[] = [];

  it('all succeed on their own media, which no provider holds twice', async () => {
    first.push(...(await startJobs(world, `weather-${String(seed)}`, sources, perProvider)));
    await Promise.all(first.map(({ end }) => end));
    const verdicts = new Map<LifecycleProvider, WeatherVerdict>();
    for (const one of lifecycles) verdicts.set(one, await judge(world.simulator, one, first));
    console.log(`Weather of seed ${String(seed)}\n${tableOf(verdicts)}`);
    console.log(`Drawn: ${JSON.stringify(world.simulator.counters().weather)}`);
    for (const [one, verdict] of verdicts) {
      const { jobs, lostAnswers, ...found } = verdict;
      const all = { succeeded: jobs, own: jobs, works: jobs, twice: 0, faults: [] };
      expect.soft(found, one).toMatchObject(all);
      expect.soft(found.struck, one).toBeGreaterThan(jobs / 4);
      // A Tiro job and a TwelveLabs session cannot be found again once the answer that named them is lost.
      expect.soft(found.idle, one).toBeLessThanOrEqual(lostAnswers);
    }
    expect(worker.process.exitCode, worker.output().slice(-2000)).toBeNull();
  });

  it('a cancelled job touches no other', async () => {
    const random = seededRandom(seed);
    const sound = await soundOf(world.simulator, first);
    const jobs = await startJobs(world, `cancelled-${String(seed)}`, sources, cancelledOf);
    const isCancelled = new Set(jobs.filter((_, index) => Math.floor(index / lifecycles.length) % 2 === 0));
    await Promise.all([...isCancelled].map((job) => cancelAfter(job, random() * longestLifeMs)));
    await Promise.all(jobs.map(({ end }) => end));
    const found = new Map<LifecycleProvider, Neighbours>(
      lifecycles.map((one) => [one, { cancelled: 0, jobs: 0, faults: [] }]),
    );
    for (const job of [...sound, ...jobs]) {
      const of = found.get(job.provider);
      if (of === undefined) continue;
      if (isCancelled.has(job)) {
        if ((await job.handle.describe()).status.name === 'CANCELLED') of.cancelled += 1;
        continue;
      }
      of.jobs += 1;
      const fault = await faultOf(world.simulator, job);
      if (fault !== null) of.faults.push(`${job.handle.workflowId}: ${fault}`);
    }
    console.log(`Cancellations under the weather of seed ${String(seed)}\n${neighboursTableOf(found)}`);
    for (const [one, { cancelled, faults }] of found) {
      expect.soft(faults, one).toEqual([]);
      expect.soft(cancelled, one).toBeGreaterThan(0);
    }
  });
});

/** The jobs with which nothing is wrong. */
async function soundOf(simulator: Simulator, jobs: WeatherJob[]): Promise<WeatherJob[]> {
  const faults = await Promise.all(jobs.map((job) => faultOf(simulator, job)));
  return jobs.filter((_, index) => faults[index] === null);
}

async function cancelAfter(job: WeatherJob, lifeMs: number): Promise<void> {
  await delay(lifeMs);
  // One that has ended already is not there to be cancelled.
  await job.handle.cancel().catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
}

function makeTable(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

function tableOf(verdicts: ReadonlyMap<LifecycleProvider, WeatherVerdict>): string {
  const head = ['provider', 'calls struck', 'jobs', 'succeeded', 'own media', 'works', 'media twice'];
  const table = makeTable([...head, 'idle', 'lost creates', 'faults']);
  for (const [one, { struck, jobs, succeeded, own, works, twice, idle, lostAnswers, faults }] of verdicts)
    table.push([one, struck, jobs, succeeded, own, works, twice, idle, lostAnswers, faults.length]);
  return table.toString();
}

function neighboursTableOf(found: ReadonlyMap<LifecycleProvider, Neighbours>): string {
  const table = makeTable(['provider', 'cancelled', 'other jobs', 'touched']);
  for (const [one, { cancelled, jobs, faults }] of found) table.push([one, cancelled, jobs, faults.length]);
  return table.toString();
}
