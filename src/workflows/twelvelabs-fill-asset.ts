import { ApplicationFailure } from '@temporalio/common';
import { patched, sleep } from '@temporalio/workflow';
import type { TwelveLabsActivities } from '../activities/twelvelabs/twelvelabs.ts';
import type { FailedChunks } from '../activities/twelvelabs/chunks.ts';
import type { TwelveLabsUpload } from '../activities/twelvelabs/create.ts';
import type { FailureType } from '../contract/failures.ts';
import { mostUploadSessions } from '../contract/limits.ts';
import { isTerminal, type JobSnapshot } from '../snapshot.ts';
import type { LifecycleInputs } from '../providers/lifecycle-inputs.ts';
import type { SourceDescription } from '../upload/media-source.ts';
import { awaitEnd, type AwaitedEnd } from './frame/await-end.ts';
import { commit } from './frame/commit.ts';
import type { LifecycleRun } from './frame/lifecycle-run.ts';

type Input = LifecycleInputs['twelvelabs'];
type SentChunks = Awaited<ReturnType<TwelveLabsActivities['transfers']['uploadTwelveLabsChunks']>>;

const mostWaves = 8;
// Over all sessions, so that history stays under 200 events whatever happens.
const mostRepairs = 7;
const defaultConcurrency = 5;
const noChunks = '';

function uploadFailed(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'UploadFailed' satisfies FailureType);
}

function say(failed: FailedChunks | null, { message }: JobSnapshot): string {
  if (failed === null) return message ?? 'TwelveLabs says that chunks failed';
  const { count, first } = failed;
  const more = count === 1 ? '' : ` (and ${String(count - 1)} more)`;
  return `chunk ${String(first.index)}${more}: ${first.reason}`;
}

function learnAsset(run: LifecycleRun, assetId: string | null): void {
  if (assetId === null || assetId === run.ids['asset_id']) return;
  run.ids['asset_id'] = assetId;
  run.created('asset', assetId, run.phase ?? 'awaiting-upload');
  run.cleanUp = async () => {
    const { cleanUpTwelveLabsUpload } = run.activities<TwelveLabsActivities['calls']>(
      'cleanUp',
      'calls',
      'Take back the unfinished asset',
    );
    return cleanUpTwelveLabsUpload({ assetId, credential: run.credential });
  };
}

async function createSession(run: LifecycleRun, input: Input, source: SourceDescription): Promise<TwelveLabsUpload> {
  const { filename, type, enable_hls, enable_thumbnail, user_metadata } = input;
  const options = { filename, type, enable_hls, enable_thumbnail, user_metadata };
  run.say(`Create the upload session for ${source.fileName}`);
  const { createTwelveLabsUpload } = run.activities<TwelveLabsActivities['calls']>('create', 'calls', run.stage);
  return commit(
    () => createTwelveLabsUpload({ source, options, marker: run.marker, credential: run.credential }),
    ({ uploadId, assetId }) => {
      run.ids = { upload_id: uploadId };
      run.cleanUp = null;
      learnAsset(run, assetId);
    },
  );
}

/** Waits until the session ends, or TwelveLabs finds that a chunk did not arrive well. */
function awaitSession(run: LifecycleRun, uploadId: string, firstLookInMs?: number): Promise<AwaitedEnd> {
  return awaitEnd(run, {
    resource: 'multipart-upload',
    id: uploadId,
    observe: 'attention',
    startedAtMs: Date.now(),
    firstLookInMs,
    next: 'asset',
    summary: 'Wait for TwelveLabs to put the chunks together',
    reportsPhase: false,
  });
}

/** Waves that sent chunks again, over all sessions of a lifecycle. */
interface Repairs {
  count: number;
}

/** Asked only at the limit, so that histories which never came to it need no mark. */
function isSpent({ count }: Repairs): boolean {
  return count >= mostRepairs && patched('repairs-over-all-sessions');
}

/** Sends chunks in waves, only the failed ones again, until the session ends. */
async function fillSession(
  run: LifecycleRun,
  input: Input,
  source: SourceDescription,
  upload: TwelveLabsUpload,
  repairs: Repairs,
): Promise<AwaitedEnd> {
  let again: string | null = null;
  for (let wave = 1; ; wave += 1) {
    run.say(wave === 1 ? `Upload ${source.fileName} in chunks` : `Send the failed chunks again, wave ${String(wave)}`);
    const { uploadTwelveLabsChunks } = run.activities<TwelveLabsActivities['transfers']>(
      'transfer',
      'transfers',
      run.stage,
    );
    const { concurrency = defaultConcurrency, credential } = input;
    const sent: SentChunks = await uploadTwelveLabsChunks({
      source,
      upload,
      wave,
      again,
      concurrency,
      credential,
    });
    let { snapshot, firstLookInMs } = sent;
    run.snapshot = snapshot;
    run.statusCalls += sent.statusCalls;
    learnAsset(run, sent.assetId);
    const { failed } = sent;
    if (failed === null) {
      run.reached('running');
      if (!isTerminal(snapshot.phase)) {
        ({ snapshot, firstLookInMs } = await awaitSession(run, upload.uploadId, firstLookInMs));
      }
      if (isTerminal(snapshot.phase)) return { snapshot, firstLookInMs };
    }
    const why = say(failed, snapshot);
    if (wave === mostWaves || isSpent(repairs)) {
      throw uploadFailed(`Chunks failed in ${String(repairs.count + 1)} waves: ${why}`);
    }
    repairs.count += 1;
    again = failed?.chunks ?? noChunks;
    run.deadline.sendsAgain();
    run.say(`Pause before the failed chunks are sent again; ${why}`);
    await sleep(Math.min(sent.retryInMs, run.deadline.leftMs), {
      summary: 'Pause before the failed chunks are sent again',
    });
    run.throwIfLate(why);
  }
}

/** An asset that has all of its bytes, and when to look at it first. */
export interface FilledAsset {
  assetId: string;
  firstLookInMs?: number | undefined;
}

/** Brings all bytes to an asset, in a new session where one is lost. */
export async function fillTwelveLabsAsset(
  run: LifecycleRun,
  input: Input,
  source: SourceDescription,
): Promise<FilledAsset> {
  const repairs: Repairs = { count: 0 };
  for (let session = 1; ; session += 1) {
    const upload = await createSession(run, input, source);
    const { snapshot, firstLookInMs } = await fillSession(run, input, source, upload, repairs);
    const { phase, status, message } = snapshot;
    const assetId = run.ids['asset_id'];
    if (phase === 'succeeded') {
      if (assetId === undefined) throw uploadFailed(`TwelveLabs never named the asset of session ${upload.uploadId}`);
      return { assetId, firstLookInMs };
    }
    const why = `session ${upload.uploadId} is ${status}: ${message ?? 'TwelveLabs gives no reason'}`;
    if (session === mostUploadSessions)
      throw uploadFailed(`The upload was lost in ${String(mostUploadSessions)} sessions; ${why}`);
    run.deadline.sendsAgain();
    run.say(`${why}; a new session replaces it`);
  }
}
