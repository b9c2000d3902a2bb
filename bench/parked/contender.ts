import { startChild } from '../processes/child.ts';
import type { Started } from '../processes/clean-up.ts';
import type { SimulatorProcess } from '../processes/simulator.ts';

/** What a contender parks jobs with. */
export interface ParkingStage {
  folder: string;
  simulator: SimulatorProcess;
  /** How often those ask who are told how often to ask. */
  intervalMs: number;
  started: Started;
}

/** How long a history is. */
export interface HistorySize {
  events: number;
  kibibytes: number;
}

/** A worker and its server, idle until jobs are parked. */
export interface Parking {
  workerPid: number;
  serverPid: number;
  park(assetIds: string[]): Promise<void>;
  /** What the jobs' store takes on the disk, in MiB. */
  storedMiB(): Promise<number>;
  /** Whether the last of the jobs is waited for, where calls alone do not tell. */
  isParked?(): Promise<boolean>;
  /** The history of one of the jobs, where it has one. */
  history?(): Promise<HistorySize>;
}

/** One way to wait for many jobs. */
export interface ParkedContender {
  name: string;
  start(stage: ParkingStage): Promise<Parking>;
}

const atOnce = 50;

/** Does something for each, a bounded number at once. */
export async function forEachOf<T>(things: readonly T[], act: (thing: T) => Promise<unknown>): Promise<void> {
  const left = things.values();
  const one = async () => {
    for (const thing of left) await act(thing);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

function workerEnvironment({ simulator, intervalMs }: ParkingStage, more: object): NodeJS.ProcessEnv {
  const target = { baseUrl: simulator.baseUrls.twelvelabs, key: simulator.keys.twelvelabs[0] };
  return { PARKED_WORKER: JSON.stringify({ ...target, intervalMs, ...more }), RESTATE_LOGGING: 'ERROR' };
}

/** Starts the worker of a contender, given by its file; it ends with the stage. */
export async function startWorkerFile(stage: ParkingStage, file: string, more: object) {
  const child = await startChild(new URL(file, import.meta.url), workerEnvironment(stage, more));
  return stage.started.add(child, (it) => it.kill());
}
