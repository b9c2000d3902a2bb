import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pLimit from 'p-limit';
import { ProviderJobs } from '../../src/client.ts';
import { steadyPerMs } from '../../src/providers/rate-limit.ts';
import { seededRandom } from '../../test/setup/seeded-random.ts';
import { makeWav } from '../../test/setup/wav.ts';
import type { Benchmark, BenchContext, BenchResult } from '../benchmark.ts';
import { drawTimesMs } from '../detection/measure.ts';
import { kinds } from '../detection/situations.ts';
import { FigureBook } from '../figure-book.ts';
import { installedVersions } from '../opponents.ts';
import { meanOf, quantileOf } from '../spread.ts';
import { startStack, type Stack } from '../stack.ts';
import { waitTaskQueue, type TimerLoopInput } from '../waits/inputs.ts';
import { beginTiroJob } from '../waits/tiro-job.ts';
import { startHandWritten } from '../waits/ways.ts';
import { ours, realRateCharts, realRatePage, simulated } from './page.ts';
import { type JobTimes, simulatePlan } from './simulated.ts';
import { type RateLimiterProxy, startRateLimiter } from './rate-limiter.ts';

// Tiro's own.
const rate = { requests: 600, perMs: 60_000 };
const startedAtOnce = 20;
const intervalMs = 5000;
const title = '10 min of audio';

/** Starts the wait for one job and resolves when it has ended. */
type Follow = (index: number) => Promise<unknown>;

interface RateStack {
  stack: Stack;
  limiter: RateLimiterProxy;
  timeScale: number;
}

interface SeenEnd {
  delaySeconds: number;
  calls: number;
}

interface SeenJob extends SeenEnd {
  times: JobTimes;
}

/** What the simulator saw of the jobs that were made since there were `before` of them. */
async function seenSince({ stack, timeScale }: RateStack, before: number): Promise<SeenJob[]> {
  const { TIRO_BASE_URL: baseUrl = '', TIRO_API_KEY: key = '' } = stack.environmentOf('default');
  const created = await stack.simulator.calls({ provider: 'tiro', operation: 'tiro.create' });
  const looks = await stack.simulator.calls({ provider: 'tiro', operation: 'tiro.status' });
  const limit = pLimit(startedAtOnce);
  return Promise.all(
    created.slice(before).map(({ jobId = '', at: createdAtMs }) =>
      limit(async () => {
        const headers = { authorization: `Bearer ${key}` };
        const answer = await fetch(`${baseUrl}/v1/external/voice-file/jobs/${jobId}`, { headers });
        const { processStartedAt, processCompletedAt } = (await answer.json()) as Record<
          'processStartedAt' | 'processCompletedAt',
          string
        >;
        const [beganAtMs, endedAtMs] = [Date.parse(processStartedAt), Date.parse(processCompletedAt)];
        const mine = looks.filter((look) => look.jobId === jobId && look.status === 200);
        const first = mine.findIndex(({ at }) => at >= endedAtMs);
        const seenAtMs = mine[first]?.at;
        if (seenAtMs === undefined) throw new Error(`nobody has seen the end of job ${jobId}`);
        const delaySeconds = ((seenAtMs - endedAtMs) * timeScale) / 1000;
        const times = {
          createdMs: createdAtMs * timeScale,
          beganMs: beganAtMs * timeScale,
          endedMs: endedAtMs * timeScale,
        };
        return { delaySeconds, calls: first + 1, times };
      }),
    ),
  );
}

async function createFollowers(
  { stack, timeScale }: RateStack,
  folder: string,
  minutes: number,
): Promise<Record<string, Follow>> {
  const client = stack.clientOf('default');
  const jobs = new ProviderJobs(client);
  const path = join(folder, 'talk.wav');
  await writeFile(path, makeWav(0.1));
  const input = { source: pathToFileURL(path).href, durationSeconds: minutes * 60 };
  return {
    [ours]: async () => (await jobs.start('tiro', input, { key: randomUUID() })).result(),
    'timer loop, 5 s': async () => {
      const jobId = await beginTiroJob(stack);
      const args: TimerLoopInput[] = [{ jobId, firstMs: 0, intervalMs: intervalMs / timeScale }];
      const options = { workflowId: `timerLoop-${jobId}`, taskQueue: waitTaskQueue, args };
      const handle = await client.workflow.start('timerLoop', options);
      return handle.result() as Promise<void>;
    },
  };
}

/** Lets one contender follow so many jobs that begin as fast as it can start them. */
async function measure(rateStack: RateStack, follow: Follow, durationsMs: readonly number[]) {
  const { stack, limiter } = rateStack;
  const before = (await stack.simulator.calls({ provider: 'tiro', operation: 'tiro.create' })).length;
  for (const durationMs of durationsMs) await stack.simulator.setPlan('tiro', { durationMs, jobs: 1 });
  limiter.takeCounts();
  await Promise.all(durationsMs.map((_duration, index) => follow(index)));
  const { calls, refused } = limiter.takeCounts();
  const seen = await seenSince(rateStack, before);
  return { seen, calls: calls / durationsMs.length, refused: refused / durationsMs.length };
}

async function run(context: BenchContext): Promise<BenchResult> {
  const { seed, isQuick, folder, say } = context;
  const [count, timeScale] = isQuick ? [20, 20] : [1000, 2];
  const kind = kinds.find((one) => one.title === title);
  if (kind === undefined) throw new Error(`no ${title}`);
  const durationsMs = drawTimesMs(kind.law, count, seededRandom(seed));
  const book = new FigureBook();
  const addSeen = (contender: string, seen: readonly SeenEnd[], more: Record<string, number> = {}) => {
    const delays = seen.map(({ delaySeconds }) => delaySeconds);
    const add = (name: string, unit: string, value: number) => {
      book.add({ contender, under: { jobs: count, timeScale }, measure: name, unit }, value);
    };
    add('delay', 's', meanOf(delays));
    add('delay, 95 %', 's', quantileOf(delays, 0.95));
    add('status calls answered', '', meanOf(seen.map((one) => one.calls)));
    for (const [name, value] of Object.entries(more)) add(name, '', value);
  };
  const timesOfOurs: JobTimes[] = [];
  const versions: Record<string, string> = { ...installedVersions('@temporalio/worker') };
  const stack = await startStack(context, { namespaces: [], timeScale });
  const { TIRO_BASE_URL: baseUrl = '' } = stack.environmentOf('default');
  const limiter = await startRateLimiter(baseUrl, { ...rate, perMs: rate.perMs / timeScale });
  const rateStack: RateStack = { stack, limiter, timeScale };
  try {
    const limited = { ...stack.environmentOf('default'), TIRO_BASE_URL: limiter.baseUrl };
    await stack.startOurWorker('default', limited);
    await startHandWritten(stack, ['default'], limited);
    versions['Temporal server'] = await stack.serverVersion();
    const followers = await createFollowers(rateStack, folder, kind.minutes);
    say('warming up');
    for (const follow of Object.values(followers)) await measure(rateStack, follow, [5000]);
    for (const [contender, follow] of Object.entries(followers)) {
      say(`${contender}, ${String(count)} jobs`);
      const { seen, calls, refused } = await measure(rateStack, follow, durationsMs);
      addSeen(contender, seen, { 'calls of every kind': calls, '429s': refused });
      if (contender === ours) timesOfOurs.push(...seen.map(({ times }) => times));
    }
  } finally {
    await limiter.close();
    await stack.close();
  }
  // Once nothing else needs the clock.
  addSeen(simulated, await simulatePlan(kind, timesOfOurs, { perSecond: steadyPerMs(rate) * 1000, seed }));
  return { figures: book.list(), versions, left: [] };
}

/** As `rate`, with our worker and a naive one on a real Temporal server, behind a proxy that keeps the rate. */
export const realRate: Benchmark = {
  name: 'real-rate',
  title: 'The same rate on a real Temporal server',
  run,
  page: realRatePage,
  charts: realRateCharts,
};
