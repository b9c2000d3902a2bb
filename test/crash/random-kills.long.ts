import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { CallRecord } from '../../src/simulator/calls.ts';
import type { Operation } from '../../src/simulator/operations.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import { type FleetJob, partSizeBytes, startFleetJob } from './fleet.ts';
import { seededRandom } from '../setup/seeded-random.ts';
import { faultless, judge, type Verdict } from './verdict.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 30);
const longestLifeMs = 2500;
// After the last kill: a call that died with its worker is missed for a minute, and some jobs were struck repeatedly.
const endWithinMs = 300_000;
const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];

const commits = [
  ...['soket.upload', 'soket.submit', 'twelvelabs.create-session', 'twelvelabs.report'],
  ...['tiro.create', 'tiro.upload-complete', 'slng.create', 'slng.presign'],
] as const satisfies Operation[];
const answerTakesMs = 150;

/** Slows answers of calls that have taken effect, and everything else before it does, so that kills fall in both. */
function slowDown(world: World): void {
  const drip = { kind: 'drip', times: null, delayMs: 15, chunkSizeBytes: 32 } as const;
  for (const operation of commits) world.simulator.addFault({ ...drip, operation });
  world.simulator.addFault({ kind: 'delay', operation: '*', times: null, delayMs: 90 });
  // The quickest of the four is given as long as the others take.
  world.simulator.setPlan('soket', { jobs: null, durationMs: 60_000 });
}

/** Whether a worker waits for this answer, also where the simulator has handed it on to be sent slowly. */
function isUnderWay({ state, operation, at }: CallRecord): boolean {
  return state === 'open' || (commits.some((one) => one === operation) && Date.now() - at < answerTakesMs);
}

/** Half of the kills wait for a call of one of these kinds, so that each stage is struck; the others only for a time. */
const targets = [
  ...['soket.upload', 'soket.submit', 'soket.batch-status', 'soket.batch-results'],
  ...['twelvelabs.create-session', 'twelvelabs.part-put', 'twelvelabs.report', 'twelvelabs.asset-status'],
  ...['tiro.create', 'tiro.storage-put', 'tiro.upload-complete', 'tiro.status', 'tiro.transcript'],
  ...['slng.presign', 'slng.storage-put', 'slng.create', 'slng.status', 'slng.storage-get'],
] as const satisfies Operation[];

/** Waits for a call of this kind that was not there before, then for a moment within its answer. */
async function waitForCall(world: World, operation: Operation, within: { thenMs: number; withinMs: number }) {
  const before = world.simulator.calls({ operation }).length;
  const end = performance.now() + within.withinMs;
  while (world.simulator.calls({ operation }).length === before && performance.now() < end) await delay(10);
  await delay(within.thenMs);
}

describe(`workers that are killed at random moments (CRASH_SEED=${String(seed)})`, () => {
  const random = seededRandom(seed);
  const jobs: FleetJob[] = [];
  const struck = new Map<string, number>();
  const kills = new Map<LifecycleProvider, number>();
  const workers: WorkerProcess[] = [];
  let world: World;
  const startWorker = async () => {
    const worker = await startWorkerProcess(world.environment);
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    const simulator = { chunkSizeBytes: partSizeBytes };
    world = await startWorld({ startWorker: false, namespace: 'default', timeScale: 20, simulator });
    slowDown(world);
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await world.close();
  });

  async function kill(worker: WorkerProcess): Promise<void> {
    const died = worker.kill();
    for (const { operation } of world.simulator.calls().filter(isUnderWay))
      struck.set(operation, (struck.get(operation) ?? 0) + 1);
    const running = jobs.filter(({ end }) => end === null);
    for (const job of running) job.kills += 1;
    for (const one of lifecycles)
      if (running.some(({ provider }) => provider === one)) kills.set(one, (kills.get(one) ?? 0) + 1);
    await died;
  }

  async function strikeRounds(): Promise<void> {
    let worker = await startWorker();
    // A round may find the jobs of one lifecycle done already.
    for (let round = 0; lifecycles.some((one) => (kills.get(one) ?? 0) < rounds); round += 1) {
      const [lifeMs, sideBySide] = [random() * longestLifeMs, random() < 0.3];
      const target = random() < 0.5 ? undefined : targets[Math.floor(random() * targets.length)];
      const second = sideBySide ? await startWorker() : null;
      const starting = Promise.all(lifecycles.map((one) => startFleetJob(world, one, round)));
      if (target === undefined) await delay(lifeMs);
      else await waitForCall(world, target, { thenMs: (lifeMs * answerTakesMs) / longestLifeMs, withinMs: 5000 });
      jobs.push(...(await starting));
      await kill(worker);
      worker = second ?? (await startWorker());
    }
  }

  it('end every job once, with all its bytes', async () => {
    console.log(`CRASH_SEED=${String(seed)} CRASH_ROUNDS=${String(rounds)}`);
    await strikeRounds();
    await eventually('every job has ended', () => jobs.every(({ end }) => end !== null), endWithinMs).catch(() => {
      for (const job of jobs) job.end ??= { kind: 'hung' };
    });
    const verdicts = new Map<LifecycleProvider, Verdict>();
    for (const one of lifecycles) {
      const own = jobs.filter(({ provider }) => provider === one);
      verdicts.set(one, await judge(one, own, world.simulator));
    }
    console.log(tableOf(verdicts, kills));
    console.log(`Calls that were under way when a worker was killed: ${JSON.stringify(Object.fromEntries(struck))}`);
    for (const [one, verdict] of verdicts) {
      expect.soft(kills.get(one), one).toBeGreaterThanOrEqual(rounds);
      expect.soft(verdict, one).toMatchObject(faultless);
    }
  });
});

function tableOf(verdicts: ReadonlyMap<LifecycleProvider, Verdict>, kills: ReadonlyMap<string, number>): string {
  const head = ['lifecycle', 'kills', 'jobs', 'lost', 'double', 'hung', 'wrong bytes', 'of another job'];
  const table = new Table({
    head: [...head, 'parts again', 'too many', 'orphans', 'unconfirmed'],
    style: { head: [], border: [] },
  });
  for (const [one, verdict] of verdicts) {
    const { lost, double, hung, wrongBytes, ofAnotherJob, partsAgain, partsTooMany, orphans, unconfirmed } = verdict;
    const faults = [lost, double, hung, wrongBytes, ofAnotherJob].map(({ length }) => length);
    table.push([one, kills.get(one) ?? 0, verdict.jobs, ...faults, partsAgain, partsTooMany, orphans, unconfirmed]);
  }
  return table.toString();
}
