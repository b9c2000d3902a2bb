import { ApplicationFailure } from '@temporalio/common';
import type { JobSnapshot, Phase } from '../snapshot.ts';
import { awaitEnd } from './frame/await-end.ts';
import { readFailureFacts } from './frame/failure-facts.ts';
import type { LifecycleRun } from './frame/lifecycle-run.ts';
import type { SoketFileReference } from '../providers/soket/soket-reference.ts';

/** How the files of a batch without an id ended, taken together. */
export interface LostBatchEnd {
  snapshot: JobSnapshot;
  /** The files that Soket has a transcription of. */
  fileIds: string[];
}

async function awaitFile(
  run: LifecycleRun,
  file: SoketFileReference,
  startedAtMs: number | null,
): Promise<JobSnapshot | null> {
  const summary = `The batch id was lost: follow ${file.name} by itself`.slice(0, 200);
  try {
    const wait = {
      resource: 'file',
      id: file.id,
      startedAtMs,
      summary,
      reportsPhase: false,
      observe: 'terminal',
    } as const;
    return (await awaitEnd(run, wait)).snapshot;
  } catch (error) {
    const facts = readFailureFacts(error);
    if (facts?.type !== 'JobNotFound') throw error;
    // A wait counts on from what was counted before it.
    run.statusCalls = Math.max(run.statusCalls, facts.statusCalls ?? 0);
    return null;
  }
}

function joinPhases(phases: readonly (Phase | null)[]): Phase {
  const succeeded = phases.filter((phase) => phase === 'succeeded').length;
  if (succeeded === phases.length) return 'succeeded';
  return succeeded === 0 ? 'failed' : 'partially-succeeded';
}

/**
 * Goes on after the answer to a submission was lost: whether it took shows in the results of the files, which Soket
 * gives by file. Fails with `SubmitUnconfirmed` where it has a result of none of them.
 */
export async function followLostBatch(
  run: LifecycleRun,
  files: readonly SoketFileReference[],
  lost: string,
): Promise<LostBatchEnd> {
  const startedAtMs = Date.now();
  const seen: { fileId: string; snapshot: JobSnapshot | null }[] = [];
  for (const file of files) {
    // Where one was not there for two minutes, a few looks at each of the others do.
    const isDoubtful = seen.some(({ snapshot }) => snapshot === null);
    seen.push({ fileId: file.id, snapshot: await awaitFile(run, file, isDoubtful ? null : startedAtMs) });
  }
  const known = seen.flatMap(({ fileId, snapshot }) => (snapshot === null ? [] : [{ fileId, snapshot }]));
  const last = known.at(-1);
  if (last === undefined) {
    const message = `The answer to the submission was lost and Soket shows no result of any file: ${lost}`;
    throw ApplicationFailure.nonRetryable(message, 'SubmitUnconfirmed');
  }
  const phase = joinPhases(seen.map(({ snapshot }) => snapshot?.phase ?? null));
  return { snapshot: { ...last.snapshot, phase }, fileIds: known.map(({ fileId }) => fileId) };
}
