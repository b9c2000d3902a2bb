import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporalServer, type TemporalServer } from '../../src/dev/temporal-server.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { runProgram } from '../cli/run-program.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import { type FleetJob, partSizeBytes, startFleetJob } from './fleet.ts';
import { faultless, judge } from './verdict.ts';

const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];
const rounds = 3;

describe('a demo on the server of a worker that is at real work', () => {
  let server: TemporalServer;
  let world: World;
  let worker: WorkerProcess;
  beforeAll(async () => {
    const temporalCliPath = process.env['TEMPORAL_CLI_PATH'];
    server = await startTemporalServer({ env: process.env, temporalCliPath, ui: false });
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
  });

  it('takes none of its jobs, of those that began before, during and after it', async () => {
    const jobs: FleetJob[] = [];
    const startRound = async (round: number) => {
      for (const one of lifecycles) jobs.push(await startFleetJob(world, one, round));
    };
    const over = new AbortController();
    // With all that the shell of the real worker has set, so that only what the demo does by itself keeps it apart.
    const demo = runProgram(['demo', '--json'], { ...world.environment }).finally(() => {
      over.abort();
    });
    for (let round = 0; round < rounds || !over.signal.aborted; round += 1) {
      await startRound(round);
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    const { exitCode, stdout } = await demo;
    expect({ exitCode, succeeded: (JSON.parse(stdout) as { succeeded: boolean }).succeeded }).toEqual({
      ...{ exitCode: 0, succeeded: true },
    });
    await startRound(1000);
    await eventually('every job has ended', () => jobs.every(({ end }) => end !== null), 300_000);
    for (const one of lifecycles) {
      const own = jobs.filter(({ provider }) => provider === one);
      const verdict = await judge(one, own, world.simulator);
      console.log(one, JSON.stringify(verdict));
      expect.soft(verdict, one).toMatchObject(faultless);
    }
  });
});
