import { createHash } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { JobOutcome } from '../../src/contract/job.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import { makeWav } from '../setup/wav.ts';
import type { World } from '../setup/world.ts';

/** How many bytes a part has, and how many parts a video; sent four at once and reported by the ten. */
export const partSizeBytes = 16 * 1024;
export const partsPerVideo = 40;
export const concurrency = 4;
export const reportBatch = 10;

/** How a job ended, or that it did not. */
export type JobEnd = { kind: 'ended'; outcome: JobOutcome } | { kind: 'failed'; error: unknown } | { kind: 'hung' };

/** A job that was started, with what was sent. */
export interface FleetJob {
  provider: LifecycleProvider;
  handle: WorkflowHandle;
  content: Buffer;
  contentSha256: string;
  /** How many workers were killed while it was under way. */
  kills: number;
  end: JobEnd | null;
}

/** Makes content that differs for each job, all of one size, so that one taken for another shows. */
function contentOf(provider: LifecycleProvider, index: number): Buffer {
  if (provider !== 'twelvelabs') return makeWav(4, index);
  const video = Buffer.alloc((partsPerVideo - 1) * partSizeBytes + 1);
  for (let part = 0; part < partsPerVideo; part += 1)
    video.fill(`${String(index)}/${String(part)} `, part * partSizeBytes);
  return video;
}

/** Starts one more job of a lifecycle and follows it to its end. */
export async function startFleetJob(world: World, provider: LifecycleProvider, index: number): Promise<FleetJob> {
  const name = `${provider}-${String(index)}`;
  const content = contentOf(provider, index);
  const source = await world.writeSource(`${name}/${provider === 'twelvelabs' ? 'clip.mp4' : 'talk.wav'}`, content);
  const input = { source, deadline: '15m', ...(provider === 'twelvelabs' ? { concurrency } : {}) };
  const handle = await world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/${name}`, input);
  const contentSha256 = createHash('sha256').update(content).digest('hex');
  const job: FleetJob = { provider, handle, content, contentSha256, kills: 0, end: null };
  void handle.result().then(
    (outcome: JobOutcome) => (job.end = { kind: 'ended', outcome }),
    (error: unknown) => (job.end ??= { kind: 'failed', error }),
  );
  return job;
}
