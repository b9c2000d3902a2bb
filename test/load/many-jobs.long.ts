import Table from 'cli-table3';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptsOf } from '../crash/attempts-of.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';

const jobs = Number(process.env['LOAD_JOBS'] ?? 2000);
// What the worker is given, as a small container would; the cache of workflows follows from it.
const heapMb = 512;
const mostMemoryMb = 500;
const endWithinMs = 900_000;

async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}

describe(`${String(jobs)} jobs at once through one worker`, () => {
  let world: World;
  let worker: WorkerProcess;
  beforeAll(async () => {
    world = await startWorld({ startWorker: false, namespace: 'default', timeScale: 200 });
    worker = await startWorkerProcess({ ...world.environment, NODE_OPTIONS: `--max-old-space-size=${String(heapMb)}` });
  });
  afterAll(async () => {
    await worker.kill();
    await world.close();
  });

  it('all end well, with no time-out and in bounded memory', async () => {
    const idleMb = await peakMemoryMb(worker.process.pid ?? 0);
    const source = await world.writeSource('talk.wav', makeWav(1));
    const startedAt = performance.now();
    const ids = Array.from({ length: jobs }, (_, index) => `provider-job/slng/load-${String(index)}`);
    for (let next = 0; next < jobs; next += 50)
      await Promise.all(ids.slice(next, next + 50).map((id) => world.start('slngTranscription', id, { source })));
    const startedMs = performance.now() - startedAt;
    const count = async (state: string) => {
      const query = `WorkflowType = 'slngTranscription' AND WorkflowId STARTS_WITH 'provider-job/slng/load-' AND ${state}`;
      return (await world.client.workflow.count(query)).count;
    };
    await eventually(
      'none is under way',
      async () =>
        (await count("ExecutionStatus = 'Running'")) === 0 && (await count("ExecutionStatus != 'Running'")) === jobs,
      endWithinMs,
      // Each question is work for the server's one database connection.
      2000,
    );
    const elapsedMs = performance.now() - startedAt;
    const peakMb = await peakMemoryMb(worker.process.pid ?? 0);
    const succeeded = await count("ExecutionStatus = 'Completed' AND ProviderJobPhase = 'succeeded'");
    const { timeOuts, retries } = await countTroubles(world, ids);
    const { operations, jobsCreated } = world.simulator.counters();
    console.log(tableOf({ jobs, succeeded, timeOuts, retries, startedMs, elapsedMs, idleMb, peakMb }));
    console.log(`Calls at the simulator: ${JSON.stringify(operations)}`);
    expect(succeeded).toBe(jobs);
    expect(jobsCreated.slng).toBe(jobs);
    expect(world.simulator.jobs('slng').filter(({ status }) => status === 'DONE')).toHaveLength(jobs);
    expect(operations['slng.storage-put']?.calls).toBe(jobs);
    expect(operations['slng.create']?.calls).toBe(jobs);
    expect({ timeOuts, retries }).toEqual({ timeOuts: 0, retries: 0 });
    expect(peakMb).toBeLessThan(mostMemoryMb);
  });
});

/** Looks through every history for activities that timed out or had to be tried again for any other reason. */
async function countTroubles(world: World, ids: string[]): Promise<{ timeOuts: number; retries: number }> {
  const sums = { timeOuts: 0, retries: 0 };
  for (const id of ids) {
    const { timeOuts, failures } = await attemptsOf(world.client.workflow.getHandle(id));
    sums.timeOuts += timeOuts;
    sums.retries += failures;
  }
  return sums;
}

interface Figures {
  jobs: number;
  succeeded: number;
  timeOuts: number;
  retries: number;
  startedMs: number;
  elapsedMs: number;
  idleMb: number;
  peakMb: number;
}

function tableOf({ jobs, succeeded, timeOuts, retries, startedMs, elapsedMs, idleMb, peakMb }: Figures): string {
  const head = [
    'jobs',
    'succeeded',
    'time-outs',
    'failed attempts',
    'started in',
    'ended in',
    'rate',
    'memory idle',
    'peak',
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const rate = `${(jobs / (elapsedMs / 1000)).toFixed(1)} / s`;
  const memory = [`${String(idleMb)} MB`, `${String(peakMb)} MB`];
  table.push([jobs, succeeded, timeOuts, retries, seconds(startedMs), seconds(elapsedMs), rate, ...memory]);
  return table.toString();
}
