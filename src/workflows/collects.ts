import { workflowInfo } from '@temporalio/workflow';
import type { SlngActivities } from '../activities/slng/slng.ts';
import type { SoketActivities } from '../activities/soket/soket.ts';
import type { CollectSoketResultsInput } from '../activities/soket/results.ts';
import type { TiroActivities } from '../activities/tiro/tiro.ts';
import type { TwelveLabsActivities } from '../activities/twelvelabs/twelvelabs.ts';
import type { Artifact, Collected, TrackJobInput } from '../contract/job.ts';
import type { LifecycleRun } from './frame/lifecycle-run.ts';

function collecting<A extends object>(run: LifecycleRun, summary: string) {
  run.say(summary);
  return run.activities<A>('collect', 'collects', summary);
}

/** Takes in what a collect came to; version 0.1 recorded the artifacts alone. */
function take(run: LifecycleRun, told: Partial<Collected> | Artifact[]): Collected {
  const collected = { artifacts: [], missing: [], ...(Array.isArray(told) ? { artifacts: told } : told) };
  run.artifacts = collected.artifacts;
  run.missing = collected.missing;
  return collected;
}

const place = (run: LifecycleRun) => ({ folder: workflowInfo().workflowId, credential: run.credential });

/** Stores the transcript of a Tiro job, its summary, and the translations that are asked for. */
export async function collectTiro(run: LifecycleRun, jobId: string, translationLocales: string[]) {
  const summary = 'Collect transcript, summaries and translations';
  const { collectTiroResults } = collecting<TiroActivities['transfers']>(run, summary);
  return take(run, await collectTiroResults({ jobId, ...place(run), translationLocales, tellsMissing: true }));
}

/** Stores the transcript of an SLNG job. */
export async function collectSlng(run: LifecycleRun, jobId: string) {
  const { collectSlngResults } = collecting<SlngActivities['transfers']>(run, 'Collect the transcript');
  return take(run, await collectSlngResults({ jobId, ...place(run) }));
}

/** Stores the results of a Soket batch, or of the files of one whose id was lost. */
export async function collectSoket(run: LifecycleRun, wanted: Omit<CollectSoketResultsInput, 'folder' | 'credential'>) {
  const { collectSoketResults } = collecting<SoketActivities['transfers']>(run, 'Collect the results');
  return take(run, await collectSoketResults({ ...wanted, ...place(run) }));
}

/** Stores the description of a TwelveLabs asset. */
export async function collectTwelveLabs(run: LifecycleRun, assetId: string) {
  const summary = 'Store the description of the asset';
  const { collectTwelveLabsAsset } = collecting<TwelveLabsActivities['transfers']>(run, summary);
  return take(run, await collectTwelveLabsAsset({ assetId, ...place(run) }));
}

/** How the results of a job that somebody else created are stored, by its resource; of no other are there results. */
export const collects: Readonly<Record<string, (run: LifecycleRun, job: TrackJobInput) => Promise<Collected>>> = {
  'soket.batch': (run, { id }) =>
    collectSoket(run, { batchId: id, fileIds: [], options: {}, totalFiles: run.snapshot?.progress?.total }),
  'twelvelabs.asset': (run, { id }) => collectTwelveLabs(run, id),
  'tiro.voice-file-job': (run, { id, translationLocales = [] }) => collectTiro(run, id, translationLocales),
  'slng.batch-job': (run, { id }) => collectSlng(run, id),
};
