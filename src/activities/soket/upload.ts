import { activityInfo, Context } from '@temporalio/activity';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import { watchSilence } from '../../http/silence-watch.ts';
import { createMediaForm, type FormSource } from '../../providers/soket/media-form.ts';
import { uploadSoketForm } from '../../providers/soket/soket-calls.ts';
import { type SoketUploadReference, toSoketReferences } from '../../providers/soket/soket-reference.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { heartbeating } from '../heartbeating.ts';
import { findSoketUpload, readKnownUploads } from './reconcile.ts';

/** The files of one upload request, in order. */
export interface UploadSoketFilesInput {
  sources: SourceDescription[];
  credential?: string | undefined;
}

/** What an attempt leaves to the next one: the uploads that were there before, then the upload that was made. */
interface UploadMemory {
  known: string[] | null;
  made: SoketUploadReference | null;
}

const quietMs = 120_000;
const answerWithinMs = 30_000;
// A worker that stops has little time, and the attempt after this one looks for what was made.
const lastAnswerWithinMs = 5000;
const lastLookMs = 15_000;

async function openAll(openSource: ActivityDependencies['openSource'], sources: readonly SourceDescription[]) {
  const opened: FormSource[] = [];
  const closeAll = () => Promise.all(opened.map((source) => source.close()));
  try {
    for (const { uri, fingerprint, mediaType } of sources) {
      opened.push({ ...(await openSource(uri, fingerprint)), mediaType });
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  return { opened, closeAll };
}

/** Sends the form; a cancellation cuts it short only while bytes are still to be sent, since the answer holds the id. */
async function sendForm(connection: ProviderConnection, opened: readonly FormSource[], cancelled: AbortSignal) {
  const stop = new AbortController();
  // Taken now: a listener does not run within the activity's context.
  const activity = Context.current();
  const watch = watchSilence(stop.signal, quietMs);
  const media = createMediaForm(opened, watch.signal, () => {
    watch.alive();
  });
  let patience: NodeJS.Timeout | undefined;
  const onCancel = () => {
    const abort = () => {
      stop.abort(cancelled.reason);
    };
    const stopping = activity.cancellationDetails?.workerShutdown === true;
    if (media.allSent()) patience = setTimeout(abort, stopping ? lastAnswerWithinMs : answerWithinMs);
    else abort();
  };
  cancelled.addEventListener('abort', onCancel);
  if (cancelled.aborted) onCancel();
  try {
    const { batch_upload_id: batchUploadId, files } = await uploadSoketForm(connection, media.form, watch.signal);
    return { batchUploadId, files: toSoketReferences(files) };
  } catch (error) {
    if (stop.signal.aborted) throw error;
    if (!watch.signal.aborted) throw media.sourceError() ?? error;
    const words = `nothing moved for ${String(quietMs / 1000)} s`;
    throw new ProviderError({ kind: 'unavailable', operation: 'upload files to Soket', words });
  } finally {
    cancelled.removeEventListener('abort', onCancel);
    clearTimeout(patience);
    watch.stop();
  }
}

/**
 * Makes the activity that uploads all files in one request. The request is not idempotent, so every attempt but the
 * first asks the list of files whether the one before was taken.
 */
export function createUploadSoketFiles({ connect, openSource }: Pick<ActivityDependencies, 'connect' | 'openSource'>) {
  async function upload(
    connection: ProviderConnection,
    input: UploadSoketFilesInput,
    known: string[],
    cancelled: AbortSignal,
  ) {
    const { opened, closeAll } = await openAll(openSource, input.sources);
    try {
      return await sendForm(connection, opened, cancelled);
    } catch (error) {
      // No attempt comes after this one, so what it may have made is looked for now.
      const lastLook = AbortSignal.timeout(lastLookMs);
      const found = cancelled.aborted
        ? await findSoketUpload(connection, input.sources, known, lastLook).catch(() => null)
        : null;
      if (found !== null) return found;
      cancelled.throwIfAborted();
      throw error;
    } finally {
      await closeAll();
    }
  }

  return async function uploadSoketFiles(input: UploadSoketFilesInput): Promise<SoketUploadReference> {
    const before = activityInfo().heartbeatDetails as UploadMemory | undefined;
    if (before?.made) return before.made;
    const memory = before ?? { known: null, made: null };
    return heartbeating<UploadMemory, SoketUploadReference>(memory, async (pulse, cancelled) => {
      const connection = await connect('soket', input.credential);
      const { known: knownBefore } = memory;
      const known = knownBefore ?? (await readKnownUploads(connection, cancelled));
      await pulse.remember({ known, made: null });
      const taken = knownBefore === null ? null : await findSoketUpload(connection, input.sources, known, cancelled);
      const made = taken ?? (await upload(connection, input, known, cancelled));
      void pulse.remember({ known, made });
      return made;
    });
  };
}
