import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProviderJobs } from '../../src/client.ts';
import { Started } from '../processes/clean-up.ts';
import { folderMiB } from '../processes/meter.ts';
import type { RecoveryContender } from './contenders.ts';

/** What all crashes of a run share. */
export interface RecoveryWorld {
  folder: string;
  seed: number;
  path: string;
  sizeBytes: number;
  latencyMs: number;
  chunkSizeBytes: number;
  temporal: { address: string; jobs: ProviderJobs };
}

/** What one crash cost. */
export interface RecoveryMeasure {
  sentAgainMiB: number;
  /** From the kill to the first bytes that the provider had not had. */
  toUsefulCallSeconds: number;
  /** From the kill until all of the file was there and reported. */
  toEndSeconds: number;
  /** Uploads at the provider that nobody needs. */
  duplicates: number;
  /** Temporary files that nobody removes any more. */
  leftMiB: number;
  /** How far it was when it was killed; the provider is asked, so it is a little more than wanted. */
  killedAt: number;
}

const mebibyte = 1024 ** 2;
const lookEveryMs = 5;

/** Kills the uploading process once the provider has this share of the file, starts it again at once, and waits for the end. */
export async function measureRecovery(
  world: RecoveryWorld,
  contender: RecoveryContender,
  share: number,
): Promise<RecoveryMeasure> {
  const started = new Started();
  const folder = join(world.folder, 'crash');
  const temporaryFolder = join(folder, 'temporary');
  await mkdir(temporaryFolder, { recursive: true });
  try {
    const upload = await contender.prepare({ ...world, folder, temporaryFolder, started });
    const first = await upload.startProcess();
    while ((await upload.progress()) < share) await delay(lookEveryMs);
    const killedAt = Date.now();
    await first.kill();
    // What was on its way arrives before this is answered, and is nobody's new call.
    const killedShare = await upload.progress();
    const restartedAt = Date.now();
    const second = await upload.startProcess();
    await second.finished;
    const returnedAt = Date.now();
    const truth = await upload.truth();
    const endedAt = truth.completedAt ?? returnedAt;
    const usefulAt = truth.usefulCallAfter(restartedAt);
    return {
      sentAgainMiB: Math.max(0, truth.receivedBytes - world.sizeBytes) / mebibyte,
      toUsefulCallSeconds: ((usefulAt ?? endedAt) - killedAt) / 1000,
      toEndSeconds: (endedAt - killedAt) / 1000,
      duplicates: truth.uploads - 1,
      leftMiB: await folderMiB(temporaryFolder),
      killedAt: killedShare,
    };
  } finally {
    await started.end();
    await rm(folder, { recursive: true, force: true });
  }
}
