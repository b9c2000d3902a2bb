import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal-server.ts';
import type { JobOutcome } from '../../src/contract/job.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { refuseCanariesInDatabase } from '../setup/canaries.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import { isRunning } from '../dev/is-running.ts';
import { type FleetJob, partSizeBytes, startFleetJob } from './fleet.ts';
import { faultless, judge } from './verdict.ts';

const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];
const restarts = 3;

describe('a Temporal server that is killed and comes back on its database file', () => {
  let folder: string;
  let server: TemporalServer;
  let world: World;
  let worker: WorkerProcess;
  // Below those that the system gives out: while the server is down, a client that tries its port again and again would
  // come to be given it for its own end, and hold it. Above 20,000 are the workers' health ports.
  const port = 10_000 + (process.pid % 10_000);
  const start = () =>
    startTemporalServer({
      ...{ env: process.env, temporalCliPath: process.env['TEMPORAL_CLI_PATH'], ui: false, port },
      dbFilename: join(folder, 'temporal.db'),
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-temporal-'));
    server = await start();
    world = await startWorld({
      ...{ startWorker: false, namespace: 'default', timeScale: 20, temporalAddress: server.address },
      simulator: { chunkSizeBytes: partSizeBytes },
    });
    worker = await startWorkerProcess(world.environment);
  });
  afterAll(async () => {
    await worker.kill();
    await world.close();
    await server.close();
    await refuseCanariesInDatabase(folder);
    await rm(folder, { recursive: true, force: true });
  });

  it('costs no job, doubles none and sends nothing else again', async () => {
    world.simulator.addFault({ kind: 'delay', operation: '*', times: null, delayMs: 100 });
    world.simulator.setPlan('soket', { jobs: null, durationMs: 60_000 });
    const jobs: FleetJob[] = [];
    for (let round = 0; round < restarts; round += 1) {
      for (const one of lifecycles) jobs.push(await startFleetJob(world, one, round));
      // The first falls into the uploads, the others into later steps and waits too.
      await delay(800 + round * 900);
      const { pid } = server;
      if (pid === null) throw new Error('the server is not ours');
      process.kill(pid, 'SIGKILL');
      await eventually('the server is gone', () => !isRunning(pid));
      for (const job of jobs) if (job.end === null) job.kills += 1;
      // Its last threads may hold the port for a moment after its first one is gone.
      server = await eventually('it is back', () => start().catch(() => null));
    }
    for (const job of jobs) {
      const outcome = await eventually(`${job.handle.workflowId} has ended`, () => outcomeOf(world, job), 240_000);
      job.end = { kind: 'ended', outcome };
    }
    for (const one of lifecycles) {
      const own = jobs.filter(({ provider }) => provider === one);
      const verdict = await judge(one, own, world.simulator);
      console.log(one, JSON.stringify(verdict));
      expect.soft(verdict, one).toMatchObject(faultless);
    }
  });
});

/** Asks anew each time: a question that was open when the server died is not answered. */
async function outcomeOf(world: World, job: FleetJob) {
  const { status } = await job.handle.describe().catch(() => ({ status: { name: 'RUNNING' } }));
  if (status.name === 'RUNNING') return null;
  return (await world.client.workflow.getHandle(job.handle.workflowId).result()) as JobOutcome;
}
