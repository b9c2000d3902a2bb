import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { ProviderJobs } from '../../src/client.ts';
import type { Law } from '../../test/polling/optimum.ts';
import { makeWav } from '../../test/setup/wav.ts';
import { anyKind, kinds } from '../detection/situations.ts';
import { tuneWaitAndInterval } from '../detection/tuned.ts';
import type { Stack } from '../stack.ts';
import {
  waitTaskQueue,
  type HeartbeatLoopInput,
  type RecipeInput,
  type TimerLoopInput,
  type WaitWorkerOptions,
} from './inputs.ts';
import type { TimedJobs } from './timed-jobs.ts';

/** A job to wait for, from the audio's length to how long it really takes. */
export interface WaitedJob {
  minutes: number;
  durationMs: number;
  /** What one who tunes knows. */
  law: Law;
}

/** A wait that has begun. */
export interface BegunWait {
  jobId: string;
  workflowId: string;
  /** Resolves when its workflow has ended. */
  ended: Promise<unknown>;
}

/** A way to wait for a job on Temporal; the key is its contender's name. */
export type Way = (job: WaitedJob) => Promise<BegunWait>;

/** Everything that ways begin waits with. */
export interface WaysOptions {
  stack: Stack;
  jobs: TimedJobs;
  timeScale: number;
  folder: string;
  /** The namespace of each way. */
  namespaceOf: (way: WayName) => string;
}

export const handWritten = ['timer loop, 5 s', 'timer loop, tuned', 'heartbeat loop, 5 s', '60 s recipe'] as const;
export const wayNames = ['ours, whole job', 'ours, track', ...handWritten] as const;
export type WayName = (typeof wayNames)[number];

const intervalMs = 5000;
const recipeMs = 60_000;
const heartbeatTimeoutMs = 60_000;

/** Starts the workers of the hand-written ways, in one process. */
export async function startHandWritten(
  stack: Stack,
  namespaces: readonly string[],
  environment = stack.environmentOf('default'),
): Promise<void> {
  const { TIRO_BASE_URL: baseUrl = '', TIRO_API_KEY: key = '' } = environment;
  const options: WaitWorkerOptions = { address: stack.temporal.address, namespaces: [...namespaces], baseUrl, key };
  await stack.startProgram(new URL('worker.ts', import.meta.url), JSON.stringify(options));
}

/** The ways to wait, ours and others. */
export async function createWays(options: WaysOptions): Promise<Record<WayName, Way>> {
  const { stack, jobs, timeScale, folder, namespaceOf } = options;
  const path = join(folder, 'talk.wav');
  await writeFile(path, makeWav(0.1));
  const source = pathToFileURL(path).href;
  const scaled = (ms: number) => Math.max(1, Math.round(ms / timeScale));

  const ourJobs = (way: WayName) => new ProviderJobs(stack.clientOf(namespaceOf(way)));
  const wholeJob: Way = async ({ minutes, durationMs }) => {
    const key = randomUUID();
    let begun: Awaited<ReturnType<ProviderJobs['start']>> | undefined;
    const jobId = await jobs.make(durationMs, async () => {
      const input = { source, durationSeconds: minutes * 60 };
      begun = await ourJobs('ours, whole job').start('tiro', input, { key });
    });
    if (begun === undefined) throw new Error('the job was not started');
    return { jobId, workflowId: begun.workflowId, ended: begun.result() };
  };
  const track: Way = async ({ durationMs }) => {
    const jobId = await jobs.makeBegun(durationMs);
    const handle = await ourJobs('ours, track').track('tiro.voice-file-job', jobId);
    return { jobId, workflowId: handle.workflowId, ended: handle.result() };
  };
  const byHand = (way: WayName, workflowType: string, inputOf: (jobId: string, law: Law) => object): Way => {
    const { workflow } = stack.clientOf(namespaceOf(way));
    return async ({ durationMs, law }) => {
      const jobId = await jobs.makeBegun(durationMs);
      const workflowId = `${workflowType}-${jobId}`;
      const args = [inputOf(jobId, law)];
      const handle = await workflow.start(workflowType, { workflowId, taskQueue: waitTaskQueue, args });
      return { jobId, workflowId, ended: handle.result() };
    };
  };
  const tuned = new Map<Law, Omit<TimerLoopInput, 'jobId'>>();
  const tunedFor = (law: Law) => {
    const { waitMs, intervalMs: everyMs } = tuneWaitAndInterval(law);
    const found = tuned.get(law) ?? { firstMs: scaled(waitMs), intervalMs: scaled(everyMs) };
    tuned.set(law, found);
    return found;
  };
  return {
    'ours, whole job': wholeJob,
    'ours, track': track,
    'timer loop, 5 s': byHand('timer loop, 5 s', 'timerLoop', (jobId): TimerLoopInput => {
      return { jobId, firstMs: 0, intervalMs: scaled(intervalMs) };
    }),
    'timer loop, tuned': byHand('timer loop, tuned', 'timerLoop', (jobId, law): TimerLoopInput => {
      return { jobId, ...tunedFor(law) };
    }),
    'heartbeat loop, 5 s': byHand('heartbeat loop, 5 s', 'heartbeatLoop', (jobId): HeartbeatLoopInput => {
      return { jobId, intervalMs: scaled(intervalMs), heartbeatTimeoutMs: scaled(heartbeatTimeoutMs) };
    }),
    '60 s recipe': byHand('60 s recipe', 'retryRecipe', (jobId): RecipeInput => {
      return { jobId, intervalMs: scaled(recipeMs) };
    }),
  };
}

/** Waits for a short job in each way: the first one in a process and a namespace costs what no other does. */
export async function warmUp(ways: Readonly<Record<WayName, Way>>, names: readonly WayName[]): Promise<void> {
  const short = { minutes: 4, durationMs: 5000, law: (kinds[0] ?? anyKind).law };
  const begun = await Promise.all(names.map((name) => ways[name](short)));
  await Promise.all(begun.map(({ ended }) => ended));
}
