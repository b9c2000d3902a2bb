import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import type { Counters } from '../../src/simulator/calls.ts';
import type { SimulatedJob, Simulator } from '../../src/simulator/index.ts';
import { findStrays, mediaOf } from '../setup/own-results.ts';
import { describeFailure } from './describe-failure.ts';
import { concurrency, type FleetJob, partSizeBytes, reportBatch } from './fleet.ts';

/** What became of the jobs of one lifecycle; every number but the first three is to be nought. */
export interface Verdict {
  jobs: number;
  /** Made at the provider, never used and harmless: an answer that held their id was lost. */
  orphans: number;
  /** Ended as `SubmitUnconfirmed`, and the provider has indeed no transcription of them. */
  unconfirmed: number;
  lost: string[];
  double: string[];
  hung: string[];
  /** Parts that were sent again, and those among them beyond what the kills allow. */
  partsAgain: number;
  partsTooMany: number;
  /** Uploads or artifacts that are not the bytes that they should be. */
  wrongBytes: string[];
  /** Artifacts that name another job's media, or none. */
  ofAnotherJob: string[];
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Tells the jobs of one provider that did work from those that were only made. */
export function worksOf(
  provider: LifecycleProvider,
  jobs: readonly SimulatedJob[],
  { parts }: Pick<Counters, 'parts'>,
): { used: SimulatedJob[]; idle: SimulatedJob[] } {
  if (provider === 'soket') {
    const used = jobs.filter(({ resource }) => resource === 'batch');
    // Each job submits one of its uploads; the others were cut off, or their answer was lost.
    return { used, idle: jobs.filter((job) => !used.includes(job)).slice(used.length) };
  }
  if (provider === 'tiro') {
    const idle = jobs.filter(({ status }) => status === 'CREATED');
    return { used: jobs.filter((job) => !idle.includes(job)), idle };
  }
  if (provider === 'slng') return { used: [...jobs], idle: [] };
  const sessions = jobs.filter(({ resource }) => resource === 'multipart-upload');
  const idle = sessions.filter(({ id }) => parts[id] === undefined);
  return { used: sessions.filter((job) => !idle.includes(job)), idle };
}

/** The id by which the simulator knows a finished job as the work that it did. */
function workIdOf({ provider, end }: FleetJob): string | undefined {
  if (end?.kind !== 'ended') return undefined;
  const { ids, jobId } = end.outcome;
  if (provider === 'soket') return ids['batch_id'];
  return provider === 'twelvelabs' ? ids['upload_id'] : jobId;
}

function judgeParts(verdict: Verdict, job: FleetJob, simulator: Simulator): void {
  const uploadId = workIdOf(job);
  if (uploadId === undefined) return;
  const counts = Object.values(simulator.counters().parts[uploadId] ?? {});
  const again = counts.reduce((sum, count) => sum + count - 1, 0);
  verdict.partsAgain += again;
  verdict.partsTooMany += Math.max(0, again - job.kills * (concurrency + reportBatch));
}

function judgeUpload(verdict: Verdict, job: FleetJob, simulator: Simulator): void {
  const workId = workIdOf(job);
  const objects = simulator.objects(job.provider);
  if (job.provider === 'twelvelabs') {
    for (const { jobId, partIndex = 0, sha256: hash } of objects) {
      if (jobId !== workId) continue;
      const part = job.content.subarray((partIndex - 1) * partSizeBytes, partIndex * partSizeBytes);
      if (sha256(part) !== hash) verdict.wrongBytes.push(`${job.handle.workflowId} part ${String(partIndex)}`);
    }
  } else if (!objects.some(({ sha256: hash }) => hash === job.contentSha256)) {
    verdict.wrongBytes.push(`${job.handle.workflowId} upload`);
  }
}

async function judgeArtifacts(verdict: Verdict, { end, handle, content }: FleetJob): Promise<void> {
  if (end?.kind !== 'ended') return;
  const { artifacts } = end.outcome;
  if (artifacts.length === 0) verdict.wrongBytes.push(`${handle.workflowId} artifacts`);
  for (const { name, uri, sha256: hash, sizeBytes } of artifacts) {
    const stored = await readFile(fileURLToPath(uri));
    if (stored.length !== sizeBytes || sha256(stored) !== hash) verdict.wrongBytes.push(`${handle.workflowId} ${name}`);
  }
  const { foreign, nameless } = await findStrays(artifacts, await mediaOf(content));
  verdict.ofAnotherJob.push(...[...foreign, ...nameless].map((name) => `${handle.workflowId} ${name}`));
}

/** A verdict that finds no fault. */
export const faultless = {
  lost: [],
  double: [],
  hung: [],
  partsTooMany: 0,
  wrongBytes: [],
  ofAnotherJob: [],
} satisfies Partial<Verdict>;

/** Compares what Temporal says of the jobs with what the simulator holds, counted and hashed. */
export async function judge(provider: LifecycleProvider, jobs: FleetJob[], simulator: Simulator): Promise<Verdict> {
  const { used, idle } = worksOf(provider, simulator.jobs(provider), simulator.counters());
  const verdict: Verdict = {
    ...{ jobs: jobs.length, orphans: idle.length, unconfirmed: 0, lost: [], double: [], hung: [] },
    ...{ partsAgain: 0, partsTooMany: 0, wrongBytes: [], ofAnotherJob: [] },
  };
  const known = new Set<string | undefined>();
  let withoutId = 0;
  for (const job of jobs) {
    const { workflowId } = job.handle;
    if (job.end === null || job.end.kind === 'hung') verdict.hung.push(workflowId);
    else if (job.end.kind === 'failed') {
      const { type, text } = describeFailure(job.end.error);
      if (type === 'SubmitUnconfirmed') verdict.unconfirmed += 1;
      else verdict.lost.push(`${workflowId}: ${text}`);
    } else if (job.end.outcome.phase !== 'succeeded') verdict.lost.push(`${workflowId}: ${job.end.outcome.phase}`);
    else {
      if (workIdOf(job) === undefined) withoutId += 1;
      known.add(workIdOf(job));
      judgeUpload(verdict, job, simulator);
      if (provider === 'twelvelabs') judgeParts(verdict, job, simulator);
      await judgeArtifacts(verdict, job);
    }
  }
  // A batch whose id was lost is followed by its files, so that many may be there that no outcome names.
  const unnamed = used.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  verdict.double = unnamed.slice(withoutId);
  return verdict;
}
