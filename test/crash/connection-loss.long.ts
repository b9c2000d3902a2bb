import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import { type FleetJob, partSizeBytes, startFleetJob } from './fleet.ts';
import { type FlakyProxy, startFlakyProxy } from './flaky-proxy.ts';
import { faultless, judge } from './verdict.ts';

const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];
const losses = 4;

describe('providers whose every connection is lost for seconds', () => {
  let world: World;
  let proxy: FlakyProxy;
  let worker: WorkerProcess;
  beforeAll(async () => {
    const simulator = { chunkSizeBytes: partSizeBytes };
    world = await startWorld({ startWorker: false, namespace: 'test-0', timeScale: 20, simulator });
    proxy = await startFlakyProxy(Number(new URL(world.simulator.url).port));
    const environment = { ...world.environment };
    for (const [name, url] of Object.entries(world.simulator.baseUrls))
      environment[`${name.toUpperCase()}_BASE_URL`] = url.replace(world.simulator.url, proxy.url);
    worker = await startWorkerProcess(environment);
  });
  afterAll(async () => {
    await worker.kill();
    await proxy.close();
    await world.close();
  });

  it('delay the jobs and nothing else', async () => {
    world.simulator.addFault({ kind: 'delay', operation: '*', times: null, delayMs: 60 });
    const jobs: FleetJob[] = [];
    for (let round = 0; round < losses; round += 1) {
      for (const one of lifecycles) jobs.push(await startFleetJob(world, one, round));
      await delay(400 + round * 700);
      proxy.break();
      for (const job of jobs) if (job.end === null) job.kills += 1;
      await delay(2000);
      proxy.mend();
    }
    await eventually('every job has ended', () => jobs.every(({ end }) => end !== null), 240_000);
    for (const one of lifecycles) {
      const own = jobs.filter(({ provider }) => provider === one);
      const verdict = await judge(one, own, world.simulator);
      console.log(one, JSON.stringify(verdict));
      expect.soft(verdict, one).toMatchObject(faultless);
    }
  });
});
