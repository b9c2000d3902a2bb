import { patched } from '@temporalio/workflow';
import type { SoketActivities } from '../activities/soket/soket.ts';
import type { FileOutcome, JobOutcome } from '../contract/job.ts';
import type { JobSnapshot } from '../snapshot.ts';
import type { LifecycleInputs } from '../providers/lifecycle-inputs.ts';
import type { SoketFileReference } from '../providers/soket/soket-reference.ts';
import type { SourceDescription } from '../upload/media-source.ts';
import { collectSoket } from './collects.ts';
import { awaitEnd } from './frame/await-end.ts';
import { throwIfCancelled } from './frame/commit.ts';
import { deleteCollected } from './frame/delete-collected.ts';
import { inspectMedia } from './frame/inspect-media.ts';
import type { LifecycleRun } from './frame/lifecycle-run.ts';
import { type CourseEnd, runLifecycle } from './frame/lifecycle.ts';
import { followLostBatch } from './soket-lost-batch.ts';

type Input = LifecycleInputs['soket'];

type Uploaded = Awaited<ReturnType<SoketActivities['transfers']['uploadSoketFiles']>>;
type Submitted = Awaited<ReturnType<SoketActivities['calls']['submitSoketBatch']>>;

async function upload(run: LifecycleRun, sources: SourceDescription[]): Promise<Uploaded> {
  const what = sources.length === 1 ? (sources[0]?.fileName ?? 'the file') : `${String(sources.length)} files`;
  run.say(`Upload ${what}`.slice(0, 200));
  const { uploadSoketFiles } = run.activities<SoketActivities['transfers']>('transfer', 'transfers', run.stage);
  const made = await uploadSoketFiles({ sources, marker: run.marker, credential: run.credential });
  run.created('upload', made.batchUploadId, 'queued');
  run.ids = { batch_upload_id: made.batchUploadId };
  run.cleanUp = async () => {
    const calls = run.activities<SoketActivities['calls']>('cleanUp', 'calls', 'Delete the uploaded files');
    await calls.deleteSoketUpload({ upload: made, totalFiles: sources.length, credential: run.credential });
    return 'cancelled';
  };
  throwIfCancelled();
  return made;
}

async function submit(run: LifecycleRun, reference: Uploaded, uploaded: JobSnapshot) {
  run.say('Submit the files for transcription');
  const { submitSoketBatch } = run.activities<SoketActivities['calls']>('submit', 'calls', run.stage);
  const totalFiles = uploaded.progress?.total ?? reference.files.length;
  const someFailed = uploaded.phase === 'partially-succeeded';
  // Not cut short by a cancellation, except between two attempts: the answer holds the id.
  const submitted = await submitSoketBatch({ upload: reference, totalFiles, someFailed, credential: run.credential });
  const { batchId } = submitted;
  // What deleting the files does to a transcription that runs is not published.
  run.cleanUp = () => Promise.resolve('not-supported');
  if (batchId !== null) {
    run.created('batch', batchId, 'queued');
    run.ids = { ...run.ids, batch_id: batchId };
  }
  throwIfCancelled();
  return submitted;
}

async function awaitBatch(run: LifecycleRun, submitted: Submitted) {
  const { batchId, processingTime, firstLookInMs, usable, failed, lost } = submitted;
  if (batchId === null) return followLostBatch(run, usable, lost ?? 'no reason is known');
  const { snapshot } = await awaitEnd(run, {
    resource: 'batch',
    id: batchId,
    processingTime,
    startedAtMs: Date.now(),
    firstLookInMs,
    summary: 'Wait for Soket to transcribe',
    // Where files fell out on the way the batch alone does not say how the job ended.
    reportsPhase: failed.length === 0,
  });
  return { snapshot, fileIds: usable.map(({ id }) => id) };
}

async function collect(run: LifecycleRun, input: Input, batchId: string | null, fileIds: string[]) {
  run.cleanUp = () => Promise.resolve('already-finished');
  const { speech_information, chunks } = input;
  const options = { speech_information, chunks };
  const { files = [] } = await collectSoket(run, { batchId, fileIds, options, marker: run.marker });
  return files;
}

const failedFiles = (files: readonly SoketFileReference[], message: string): FileOutcome[] =>
  files.map(({ id, name }) => ({ id, name, phase: 'failed', message }));

const notTakenIn = 'Soket could not take the file in';
// Each file's own message is told whole.
const longestMessage = 1000;

function endOf(snapshot: JobSnapshot, found: FileOutcome[], order: readonly SoketFileReference[]): CourseEnd {
  const place = (id: string) => order.findIndex((file) => file.id === id);
  const files = found.sort((a, b) => place(a.id) - place(b.id));
  const told = { ...snapshot, message: messageOf(files) ?? snapshot.message };
  return files.length === 1 ? { snapshot: told } : { snapshot: told, files };
}

/** What Soket says of each file that failed; `null` where none did. */
function messageOf(files: readonly FileOutcome[]): string | null {
  if (files.length === 1) return files[0]?.message ?? null;
  const failed = files.filter(({ phase }) => phase !== 'succeeded');
  if (failed.length === 0) return null;
  const reasons = failed.map(({ name, message }) => `${name}: ${message ?? 'no reason is given'}`);
  const words = `${String(failed.length)} of ${String(files.length)} files failed: ${reasons.join('; ')}`;
  return words.length > longestMessage ? `${words.slice(0, longestMessage)}…` : words;
}

/** From one or several audio files to their transcripts at Soket; a mixed job says which files failed. */
export async function soketTranscription(input: Input): Promise<JobOutcome> {
  return runLifecycle({ provider: 'soket', resource: 'upload', input }, async (run) => {
    const { sources } = await inspectMedia(run, input);
    const reference = await upload(run, sources);

    const { snapshot: uploaded } = await awaitEnd(run, {
      resource: 'upload',
      id: reference.batchUploadId,
      startedAtMs: Date.now(),
      firstLookInMs: reference.firstLookInMs,
      summary: 'Wait for Soket to take the files in',
      reportsPhase: false,
      observe: 'terminal',
    });
    if (uploaded.phase === 'failed') return endOf(uploaded, failedFiles(reference.files, notTakenIn), reference.files);

    const submitted = await submit(run, reference, uploaded);
    const { snapshot, fileIds } = await awaitBatch(run, submitted);
    const files = await collect(run, input, submitted.batchId, fileIds);
    const fellOut = failedFiles(submitted.failed, notTakenIn);
    const without = submitted.usable.filter(({ id }) => !files.some((file) => file.id === id));
    const missing = failedFiles(without, 'Soket shows no result of the file');
    const mixed = fellOut.length + missing.length > 0 && snapshot.phase === 'succeeded';
    const end: JobSnapshot = mixed ? { ...snapshot, phase: 'partially-succeeded' } : snapshot;
    const ended = endOf(end, [...fellOut, ...files, ...missing], reference.files);
    // Of a mixed job somebody may want to see what became of the rest.
    if (input.deleteAfterCollect !== true || end.phase !== 'succeeded') return ended;
    const [lacking] = run.missing;
    const left =
      lacking === undefined || !patched('delete-only-whole')
        ? await deleteCollected('files', () =>
            run
              .activities<SoketActivities['calls']>('cleanUp', 'calls', 'Delete the uploaded files')
              .deleteSoketUpload({ upload: reference, totalFiles: sources.length, credential: run.credential }),
          )
        : `Not deleted at Soket: ${lacking.name} is missing`;
    return left === null ? ended : { ...ended, snapshot: { ...ended.snapshot, message: left } };
  });
}
