import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProviderJobs } from '../../src/client.ts';
import { type Child, startChild } from '../processes/child.ts';
import { Started } from '../processes/clean-up.ts';
import { forgetPeak, peakMiB, processorSeconds, residentMiB, watchFolder } from '../processes/meter.ts';
import { reportedAt, type SimulatorProcess, startSimulatorProcess } from '../processes/simulator.ts';
import { type UploadCondition, weatherOf } from './condition.ts';
import type { UploadContender } from './contenders.ts';
import type { S3Counts } from './s3-network.ts';
import { startS3Server } from './s3-server.ts';

/** What all uploads of a run share. */
export interface UploadWorld {
  folder: string;
  seed: number;
  path: string;
  temporal: { address: string; pid: number | null; jobs: ProviderJobs };
  /** The program of the S3 server, where there is one. */
  s3Program: string | null;
}

/** What one upload came to; an upload that failed has no wall time. */
export interface UploadMeasure {
  failed: string | null;
  wallSeconds: number;
  processorSeconds: number;
  /** Of the Temporal server, which only ours needs. */
  serverSeconds: number;
  addedMiB: number;
  temporaryMiB: number;
  sentMiB: number;
  controlRequests: number;
}

const mebibyte = 1024 ** 2;
const settleMs = 1500;

/** Uploads once, from processes and folders of its own. */
export async function measureUpload(
  world: UploadWorld,
  contender: UploadContender,
  condition: UploadCondition,
): Promise<UploadMeasure> {
  const started = new Started();
  const folder = join(world.folder, 'upload');
  const temporaryFolder = join(folder, 'temporary');
  await mkdir(join(folder, 'spool'), { recursive: true });
  await mkdir(temporaryFolder);
  try {
    const simulator = started.add(await startSimulatorProcess(join(folder, 'spool')), (it) => it.kill());
    await simulator.admin.setPlan('twelvelabs', { jobs: null, assembleMs: 0, durationMs: 0, reusableUrls: true });
    const s3 = contender.storage === 's3' ? await startS3(world, condition, folder, started) : null;
    const uploader = await contender.start({
      path: world.path,
      sizeBytes: condition.sizeBytes,
      temporaryFolder,
      resultsFolder: join(folder, 'results'),
      simulator,
      temporal: world.temporal,
      s3: s3?.access ?? null,
    });
    started.add(uploader, (it) => it.kill());
    await delay(settleMs);
    // From here on, so that what was prepared is neither slow nor failing.
    await simulator.admin.setWeather(weatherOf(condition, world.seed));
    const before = await countTwelvelabs(simulator);
    const { pid } = uploader;
    const idleMiB = await residentMiB(pid);
    await forgetPeak(pid);
    const watch = watchFolder(temporaryFolder);
    const processorBefore = await processorSeconds(pid);
    const serverBefore = await serverSeconds(world);
    const begunAt = Date.now();
    const failed = await uploader.upload().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const endedAt = Date.now();
    const processorAfter = await processorSeconds(pid);
    const after = await (s3 === null ? countTwelvelabs(simulator) : s3.counts());
    return {
      failed,
      // What storage does once all is there, and what we do until we hear of it, is nobody's upload.
      wallSeconds: ((after.completedAt ?? endedAt) - begunAt) / 1000,
      processorSeconds: processorAfter - processorBefore,
      serverSeconds: (await serverSeconds(world)) - serverBefore,
      addedMiB: Math.max(0, (await peakMiB(pid)) - idleMiB),
      temporaryMiB: await watch.stop(),
      sentMiB: after.partBytes / mebibyte,
      controlRequests: after.otherRequests - (s3 === null ? before.otherRequests : s3.prepared),
    };
  } finally {
    await started.end();
    await rm(folder, { recursive: true, force: true });
  }
}

function serverSeconds({ temporal: { pid } }: UploadWorld): Promise<number> {
  return pid === null ? Promise.resolve(0) : processorSeconds(pid);
}

async function countTwelvelabs({ admin }: SimulatorProcess): Promise<Omit<S3Counts, 'parts'>> {
  const calls = await admin.calls({ provider: 'twelvelabs' });
  const parts = calls.filter(({ operation }) => operation === 'twelvelabs.part-put');
  return {
    partBytes: parts.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
    otherRequests: calls.length - parts.length,
    completedAt: await reportedAt(admin),
  };
}

async function startS3(world: UploadWorld, condition: UploadCondition, folder: string, started: Started) {
  const server = await startS3Server(world.s3Program ?? '', join(folder, 's3'));
  started.add(server, (it) => it.stop());
  const { latencyMs, failingShare } = condition;
  const options = { port: server.port, latencyMs, failingShare, seed: world.seed };
  const network: Child = await startChild(new URL('./s3-network.ts', import.meta.url), {
    S3_NETWORK: JSON.stringify(options),
  });
  started.add(network, (it) => it.kill());
  const { url } = network.ready as { url: string };
  const counts = () => network.ask('counts') as Promise<S3Counts>;
  return { access: { ...server.access, endpoint: url }, counts, prepared: 0 };
}
