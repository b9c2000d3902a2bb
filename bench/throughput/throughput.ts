import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { writeFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { ProviderJobs } from '../../src/client.ts';
import { makeWav } from '../../test/setup/wav.ts';
import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { processorSeconds } from '../processor-time.ts';
import { startStack, type Stack } from '../stack.ts';
import { bareWith } from './bare-events.ts';
import type { BareInput } from './bare.ts';
import { throughputCharts, throughputPage } from './page.ts';

// Jobs at the provider are over in a moment: what is measured is us.
const timeScale = 1000;
const startedAtOnce = 20;
const lookEveryMs = 500;

/** Starts one workflow by its number. */
type Start = (index: number) => Promise<unknown>;

interface Contender {
  workerPid: number;
  /** Ids of its workflows begin with it. */
  idPrefix: string;
  startOf: (batch: string) => Start;
}

async function startAll(count: number, atOnce: number, start: Start): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(Array.from({ length: count }, (_, index) => limit(() => start(index))));
}

/** Starts so many, waits until all have completed, and gives the seconds from the first start and of the worker. */
async function runThrough(client: Client, { workerPid, idPrefix, startOf }: Contender, batch: string, count: number) {
  const ended = `WorkflowId STARTS_WITH '${idPrefix}${batch}-' AND ExecutionStatus`;
  const busyBefore = await processorSeconds(workerPid);
  const beganAt = performance.now();
  await startAll(count, startedAtOnce, startOf(batch));
  while ((await client.workflow.count(`${ended} = 'Completed'`)).count < count) {
    const { count: failed } = await client.workflow.count(`${ended} IN ('Failed', 'TimedOut', 'Terminated')`);
    if (failed > 0) throw new Error(`${String(failed)} workflows of ${idPrefix}${batch} failed`);
    await delay(lookEveryMs);
  }
  const seconds = (performance.now() - beganAt) / 1000;
  const busyAfter = await processorSeconds(workerPid);
  return { seconds, busySeconds: busyBefore === null || busyAfter === null ? null : busyAfter - busyBefore };
}

/** Whole jobs at SLNG, and the bare workflow with as many events as one of them. */
async function createContenders(
  stack: Stack,
  folder: string,
): Promise<{ events: number; contenders: Record<string, Contender> }> {
  const client = stack.clientOf('default');
  const path = join(folder, 'talk.wav');
  await writeFile(path, makeWav(1));
  const source = pathToFileURL(path).href;
  const jobs = new ProviderJobs(client);
  const [ourWorker, bareWorker] = await Promise.all([
    stack.startOurWorker('default'),
    stack.startProgram(new URL('worker.ts', import.meta.url), stack.temporal.address),
  ]);
  const first = await jobs.start('slng', { source }, { key: 'first' });
  await first.result();
  const events = (await client.workflow.getHandle(first.workflowId).describe()).historyLength;
  const input: BareInput = bareWith(events);
  return {
    events,
    contenders: {
      'ours, whole job': {
        workerPid: ourWorker.pid,
        idPrefix: 'provider-job/slng/',
        startOf: (batch) => (index) => jobs.start('slng', { source }, { key: `${batch}-${String(index)}` }),
      },
      'bare workflow': {
        workerPid: bareWorker.pid,
        idPrefix: 'bare/',
        startOf: (batch) => (index) =>
          client.workflow.start('bare', {
            workflowId: `bare/${batch}-${String(index)}`,
            taskQueue: 'bare',
            args: [input],
          }),
      },
    },
  };
}

/** Starts without a worker that takes them, so that nothing but the start is measured. */
function createStarts(stack: Stack): Record<string, (batch: string) => Start> {
  const client = stack.clientOf('default');
  const taskQueue = 'nobody';
  const jobs = new ProviderJobs(client, { taskQueue });
  const source = 'file:///media/talk.wav';
  return {
    'ours, start': (batch) => (index) => jobs.start('slng', { source }, { key: `start-${batch}-${String(index)}` }),
    'bare start': (batch) => (index) =>
      client.workflow.start('bare', { workflowId: `start/${batch}-${String(index)}`, taskQueue, args: [{ source }] }),
  };
}

async function run(context: BenchContext): Promise<BenchResult> {
  const { isQuick, folder, say } = context;
  const [rounds, jobsOfRound, startsOfRound] = isQuick ? [2, 20, 50] : [4, 500, 400];
  const stack = await startStack(context, { namespaces: [], timeScale });
  try {
    const book = new FigureBook();
    const starts = createStarts(stack);
    // Before the workers are there, which would take processor time from it.
    for (let round = -1; round < rounds; round += 1) {
      if (round >= 0) say(`starts, round ${String(round + 1)} of ${String(rounds)}`);
      for (const atOnce of [1, startedAtOnce]) {
        for (const [contender, startOf] of Object.entries(starts)) {
          const beganAt = performance.now();
          const count = round < 0 ? startedAtOnce : startsOfRound;
          await startAll(count, atOnce, startOf(`${String(round)}-${String(atOnce)}`));
          const perSecond = count / ((performance.now() - beganAt) / 1000);
          // The first round warms up connection and server.
          if (round >= 0) book.add({ contender, under: { atOnce }, measure: 'starts a second', unit: '' }, perSecond);
        }
      }
    }
    const { events, contenders } = await createContenders(stack, folder);
    const client = stack.clientOf('default');
    for (let round = -1; round < rounds; round += 1) {
      for (const [contender, one] of Object.entries(contenders)) {
        const count = round < 0 ? startedAtOnce : jobsOfRound;
        if (round >= 0) say(`${contender}, round ${String(round + 1)} of ${String(rounds)}: ${String(count)} jobs`);
        const { seconds, busySeconds } = await runThrough(client, one, `round${String(round)}`, count);
        if (round < 0) continue;
        const under = { events, jobs: count };
        book.add({ contender, under, measure: 'jobs a second', unit: '' }, count / seconds);
        book.add({ contender, under, measure: 'events a second', unit: '' }, (count * events) / seconds);
        if (busySeconds === null) continue;
        book.add({ contender, under, measure: 'worker CPU a job', unit: 'ms' }, (busySeconds * 1000) / count);
      }
    }
    return {
      figures: book.list(),
      versions: { ...installedVersions('@temporalio/worker'), 'Temporal server': await stack.serverVersion() },
      left: [],
    };
  } finally {
    await stack.close();
  }
}

/** What our part of a job adds to what Temporal costs anyhow. */
export const throughput: Benchmark = {
  name: 'throughput',
  title: 'Whole jobs and starts in a second',
  run,
  page: throughputPage,
  charts: throughputCharts,
};
