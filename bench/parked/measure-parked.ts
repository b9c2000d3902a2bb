import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Started } from '../processes/clean-up.ts';
import {
  forgetPeak,
  peakMiB,
  processorSeconds,
  residentMiB,
  treeMiB,
  treeProcessorSeconds,
} from '../processes/meter.ts';
import type { SimulatorProcess } from '../processes/simulator.ts';
import type { HistorySize, ParkedContender } from './contender.ts';

/** How long jobs are parked, and how often they are asked for. */
export interface ParkedPlan {
  intervalMs: number;
  /** Between the moment when all are parked and the window. */
  settleMs: number;
  windowMs: number;
  /** How long it may take until each has been asked for once. */
  startLimitMs: number;
}

/** What so many parked jobs cost; memory and store are over what they were before. */
export interface ParkedMeasure {
  workerMiB: number;
  peakWorkerMiB: number;
  serverMiB: number;
  storedMiB: number;
  callsPerMinute: number;
  workerCpuPercent: number;
  serverCpuPercent: number;
  secondsToPark: number;
  history: HistorySize | null;
}

const samples = 10;

async function callsSoFar({ admin }: SimulatorProcess): Promise<number> {
  return (await admin.counters()).operations['twelvelabs.asset-status']?.calls ?? 0;
}

/** Parks these jobs and looks at what they cost while nothing happens to them. */
export async function measureParked(
  contender: ParkedContender,
  simulator: SimulatorProcess,
  assetIds: string[],
  plan: ParkedPlan,
  parentFolder: string,
): Promise<ParkedMeasure> {
  const started = new Started();
  const folder = join(parentFolder, 'parking');
  await mkdir(folder);
  try {
    const parking = await contender.start({ folder, simulator, intervalMs: plan.intervalMs, started });
    const { workerPid, serverPid } = parking;
    await delay(2000);
    const idle = {
      worker: await residentMiB(workerPid),
      server: await treeMiB(serverPid),
      stored: await parking.storedMiB(),
    };
    await forgetPeak(workerPid);
    const callsBefore = await callsSoFar(simulator);
    const begunAt = performance.now();
    await parking.park(assetIds);
    const giveUp = AbortSignal.timeout(plan.startLimitMs);
    const isParked = async () =>
      (await callsSoFar(simulator)) - callsBefore >= assetIds.length && (await (parking.isParked?.() ?? true));
    while (!(await isParked()) && !giveUp.aborted) await delay(500);
    const secondsToPark = (performance.now() - begunAt) / 1000;
    await delay(plan.settleMs);
    const window = await watchWindow(plan.windowMs, workerPid, serverPid, simulator);
    if ((await callsSoFar(simulator)) === callsBefore) throw new Error('nobody asked for the status of a job');
    return {
      workerMiB: window.workerMiB - idle.worker,
      peakWorkerMiB: (await peakMiB(workerPid)) - idle.worker,
      serverMiB: (await treeMiB(serverPid)) - idle.server,
      storedMiB: (await parking.storedMiB()) - idle.stored,
      callsPerMinute: window.callsPerMinute,
      workerCpuPercent: window.workerCpuPercent,
      serverCpuPercent: window.serverCpuPercent,
      secondsToPark,
      history: (await parking.history?.()) ?? null,
    };
  } finally {
    await started.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function watchWindow(windowMs: number, workerPid: number, serverPid: number, simulator: SimulatorProcess) {
  const look = async () => ({
    atMs: performance.now(),
    calls: await callsSoFar(simulator),
    worker: await processorSeconds(workerPid),
    server: await treeProcessorSeconds(serverPid),
  });
  const begin = await look();
  let workerMiB = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    await delay(windowMs / samples);
    workerMiB += (await residentMiB(workerPid)) / samples;
  }
  const end = await look();
  const seconds = (end.atMs - begin.atMs) / 1000;
  return {
    workerMiB,
    callsPerMinute: ((end.calls - begin.calls) / seconds) * 60,
    workerCpuPercent: ((end.worker - begin.worker) / seconds) * 100,
    serverCpuPercent: ((end.server - begin.server) / seconds) * 100,
  };
}
