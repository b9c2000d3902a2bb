import { activityInfo, Context } from '@temporalio/activity';
import { markerOf } from '../../contract/workflow-ids.ts';
import { watchSilence } from '../../http/silence-watch.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import { isMarked } from '../../providers/soket/marked-name.ts';
import { createMediaForm, type FormSource, toFormFileName } from '../../providers/soket/media-form.ts';
import { listSoketFiles, type SoketFileEntry, uploadSoketForm } from '../../providers/soket/soket-calls.ts';
import { type SoketUploadReference, toSoketReferences } from '../../providers/soket/soket-reference.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { atProvider, type OfCredential } from '../at-provider.ts';
import type { Attempt } from '../patience/attempt.ts';

/** The files of one upload request, in order. */
export interface UploadSoketFilesInput extends OfCredential {
  sources: SourceDescription[];
  /** Goes into the files' names; made from the run where older workflow code gives none. */
  marker?: string | undefined;
}

/** What an attempt leaves to the next one, as 0.1 wrote it too. */
interface UploadMemory {
  made: SoketUploadReference | null;
}

const quietMs = 120_000;
const answerWithinMs = 30_000;
// A worker that stops has little time, and the attempt after this one looks for what was made.
const lastAnswerWithinMs = 5000;
const lastLookMs = 15_000;
// Newest first, 200 a page: what was made a moment ago is on the first.
const mostPages = 100;

/** Sends the form; a cancellation cuts it short only while bytes are still to be sent, since the answer holds the id. */
async function sendForm(
  connection: ProviderConnection,
  opened: readonly FormSource[],
  marker: string,
  cancelled: AbortSignal,
): Promise<SoketUploadReference> {
  const stop = new AbortController();
  // Taken now: a listener does not run within the activity's context.
  const activity = Context.current();
  const watch = watchSilence(stop.signal, quietMs);
  const { observer } = connection.agents;
  let sentBytes = 0;
  let isTaken = false;
  const media = createMediaForm(opened, marker, watch.signal, (bytes) => {
    watch.alive();
    sentBytes += bytes;
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
    isTaken = true;
    return { batchUploadId, files: toSoketReferences(files, marker), marker };
  } catch (error) {
    if (stop.signal.aborted) throw error;
    if (!watch.signal.aborted) throw media.sourceError() ?? error;
    const words = `nothing moved for ${String(quietMs / 1000)} s`;
    throw new ProviderError({ kind: 'unavailable', operation: 'upload files to Soket', words });
  } finally {
    cancelled.removeEventListener('abort', onCancel);
    clearTimeout(patience);
    observer?.sent(sentBytes, isTaken);
    watch.stop();
  }
}

/**
 * The upload whose files bear exactly this marker, which an attempt made whose answer was lost; `null` for none. Its
 * files come in the order of the sources.
 */
async function findUpload(
  connection: ProviderConnection,
  marker: string,
  sources: readonly SourceDescription[],
  signal: AbortSignal,
): Promise<SoketUploadReference | null> {
  const found: SoketFileEntry[] = [];
  for (let page = 1; page <= mostPages && found.length < sources.length; page += 1) {
    const { files, total_pages: pages } = await listSoketFiles(connection, page, signal);
    // Where others upload meanwhile, a file moves from one page to the next.
    const isNew = ({ file_id: id }: SoketFileEntry) => found.every((file) => file.file_id !== id);
    found.push(...files.filter((file) => isMarked(file.filename, marker) && isNew(file)));
    if (files.length === 0 || page >= pages) break;
  }
  const batchUploadId = found[0]?.batch_upload_id;
  if (!batchUploadId) return null;
  const names = sources.map(({ fileName }) => toFormFileName(fileName, marker));
  const place = ({ filename }: SoketFileEntry) => names.indexOf(filename ?? '');
  const ours = found
    .filter((file) => file.batch_upload_id === batchUploadId)
    .sort((one, other) => place(one) - place(other));
  return { batchUploadId, files: toSoketReferences(ours, marker), marker };
}

/**
 * Makes the activity that uploads all files in one request. The request is not idempotent, so an attempt looks for
 * what one before it may have made, by the marker and nothing else.
 */
export function createUploadSoketFiles(dependencies: ActivityDependencies) {
  const atSoket = atProvider(dependencies, 'soket');
  return atSoket('before', async (connection, input: UploadSoketFilesInput, attempt: Attempt<UploadMemory>) => {
    if (attempt.memory?.made) return attempt.memory.made;
    const { sources } = input;
    const { workflowExecution } = activityInfo();
    const marker = input.marker ?? markerOf(workflowExecution?.workflowId ?? '', workflowExecution?.runId ?? '');
    const find = (signal: AbortSignal) => findUpload(connection, marker, sources, signal);
    const taken = attempt.mayHaveHappened ? await find(attempt.signal) : null;
    if (taken !== null) return taken;
    const opened: FormSource[] = [];
    try {
      for (const { uri, fingerprint, mediaType } of sources) {
        opened.push({ ...(await dependencies.openSource(uri, fingerprint)), mediaType });
      }
      const made = await attempt.once(() => sendForm(connection, opened, marker, attempt.signal));
      attempt.remember({ made });
      return made;
    } catch (error) {
      if (!attempt.signal.aborted) throw error;
      // No attempt comes after this one, so what it may have made is looked for now.
      const found = await find(AbortSignal.timeout(lastLookMs)).catch(() => null);
      if (found !== null) return found;
      throw attempt.signal.reason;
    } finally {
      await Promise.all(opened.map((source) => source.close()));
    }
  });
}
