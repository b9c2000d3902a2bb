import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { describeNetworkError } from '../../http/network-error.ts';
import { isTooLarge } from '../../http/response-size.ts';
import { parseJson } from '../../providers/connection/provider-answer.ts';
import { getFromStorage } from '../../providers/connection/storage.ts';
import type { Collected } from '../../contract/job.ts';
import { isTerminal } from '../../snapshot.ts';
import { listSlngOutputs, slngFormats, type SlngOutput } from '../../providers/slng/slng-calls.ts';
import { readSlngText } from '../../providers/slng/slng-transcript.ts';
import { ResultStoreError } from '../../results/result-store-error.ts';
import { readSubRip } from '../../results/sub-rip.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { collecting, type CollectInput, type Shelf } from '../collecting.ts';
import { findSlngJob, type SlngJobInput } from './slng-job.ts';

// What is larger is stored all the same, and no other form is made of it.
const mostReadBytes = 32 * 1024 * 1024;

const nameOf = (format: SlngOutput['format']) => `transcript.${format}`;

async function download(
  shelf: Shelf,
  connection: ProviderConnection,
  { format, url }: SlngOutput,
  signal: AbortSignal,
): Promise<string | null> {
  const operation = `download ${nameOf(format)} from SLNG`;
  const content = await getFromStorage(connection.agents, { operation, url, signal });
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  async function* pass() {
    for await (const piece of content as AsyncIterable<Uint8Array>) {
      sizeBytes += piece.length;
      if (sizeBytes <= mostReadBytes) pieces.push(piece);
      yield piece;
    }
  }
  try {
    await shelf.put(nameOf(format), pass());
    return sizeBytes > mostReadBytes ? null : Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    if (signal.aborted || error instanceof ResultStoreError) throw error;
    const kind = isTooLarge(error) ? 'too-large' : 'unavailable';
    throw new ProviderError({ kind, operation, words: describeNetworkError(error) });
  } finally {
    content.destroy();
  }
}

/** Stores every output that SLNG made, and of the others what can be made of those. */
async function storeOutputs(
  shelf: Shelf,
  connection: ProviderConnection,
  outputs: readonly SlngOutput[],
  signal: AbortSignal,
): Promise<{ isWhole: boolean }> {
  const texts: Partial<Record<SlngOutput['format'], string | null>> = {};
  let refusal: ProviderError | null = null;
  for (const output of outputs) {
    const refused = await shelf.putOptional(nameOf(output.format), async () => {
      texts[output.format] = await download(shelf, connection, output, signal);
    });
    refusal ??= refused;
  }
  if (shelf.artifacts.length === 0) {
    const operation = 'collect the results of the SLNG job';
    throw refusal ?? new ProviderError({ kind: 'unexpected-response', operation, words: 'no output is listed' });
  }
  const { text, cues } = readSlngText(texts.json ?? '');
  await shelf.putTranscript('transcript', {
    text: texts.txt === undefined ? text : null,
    cues: typeof texts.srt === 'string' ? readSubRip(texts.srt) : cues,
  });
  for (const format of slngFormats) {
    const isListed = outputs.some((output) => output.format === format);
    if (!isListed) shelf.missing.push({ name: nameOf(format), why: 'SLNG made none' });
  }
  const foreign = slngFormats.filter((format) => isForeign(format, texts[format]));
  // What is stored under the name of the form itself is no form of it.
  for (const format of foreign) {
    shelf.missing.push({
      name: `${nameOf(format)} of SLNG`,
      why: 'what storage gave for it is plainly something else',
    });
  }
  return { isWhole: refusal === null && foreign.length === 0 };
}

/** Whether a download is plainly none of SLNG's, such as a page of something in front of it; what is too large to be read is not. */
function isForeign(format: SlngOutput['format'], content: string | null | undefined): boolean {
  if (content === null || content === undefined) return false;
  if (/^\s*<(!doctype|html|\?xml)/i.test(content)) return true;
  return format === 'json' && parseJson(content) === undefined;
}

/** Makes the activity that stores the transcript in each form that SLNG made it in, and as WebVTT. */
export function createCollectSlngResults(dependencies: ActivityDependencies) {
  return collecting(
    dependencies,
    'slng',
    async (connection, { jobId }: SlngJobInput & CollectInput, shelf, signal): Promise<Partial<Collected>> => {
      try {
        // Links are secrets that live for an hour: each attempt asks for its own, just before it uses them.
        const outputs = await listSlngOutputs(connection, jobId, signal);
        return { lost: null, ...(await storeOutputs(shelf, connection, outputs, signal)) };
      } catch (error) {
        if (!isProviderError(error, 'not-found', 'unexpected-response', 'storage-refused')) throw error;
        const snapshot = await findSlngJob(connection, jobId, signal);
        if (snapshot === null || !isTerminal(snapshot.phase) || snapshot.phase === 'succeeded') throw error;
        return { lost: snapshot, artifacts: [], missing: [] };
      }
    },
  );
}
