import { log } from '@temporalio/activity';
import { pipelineWorkflowId } from '../../contract/workflow-ids.ts';
import type { ResultStore } from '../../results/result-store.ts';
import { isMedia } from '../../upload/media-format.ts';
import { findMediaType } from '../../upload/media-type.ts';
import type { Attempt } from '../patience/attempt.ts';
import { outcomeName } from '../store-outcome.ts';
import type { FileCache } from './file-cache.ts';
import { inOrder, notMedia, type SettledFile } from './list-media.ts';
import type { MediaPlace } from './media-place.ts';
import type { OpenFile, Starter } from './starter.ts';
import { emptyTally, note, type Tally } from './tally.ts';

// So many files are looked up in the result store at once, and started at once.
const batch = 100;
const longestWaitMs = 5000;

/** What a scan leaves to the next attempt: everything before this place, and at it, was dealt with. */
export interface ScanMemory {
  place: Pick<SettledFile, 'mtimeMs' | 'name'>;
  tally: Tally;
}

/** What a scan works with. */
export interface ScanTools {
  place: MediaPlace;
  /** A hash of what is to be done. */
  work: string;
  cache: FileCache;
  results: ResultStore;
  starter: Starter;
}

async function isMediaByContent(file: SettledFile, place: MediaPlace, signal: AbortSignal): Promise<boolean> {
  const clues = { name: file.name, readHead: () => place.readHead(file, signal) };
  return isMedia((await findMediaType(clues)).mediaType);
}

/** The hash of a file that is media; null, with a word to the tally, for any other and where it cannot be read. */
async function hashOf(file: SettledFile, { place, cache }: ScanTools, signal: AbortSignal, tally: Tally) {
  const { name, isMediaByName } = file;
  const path = place.pathOf(name);
  const cached = cache.find(name, file) ?? { isMedia: null, hash: null };
  const known = { ...cached, hash: file.hash ?? cached.hash };
  const found = { ...known };
  try {
    if (!isMediaByName) found.isMedia ??= await isMediaByContent(file, place, signal);
    if (isMediaByName || found.isMedia === true) found.hash ??= await place.hash(file, signal);
  } catch (error) {
    signal.throwIfAborted();
    // One that cannot be read holds up no other.
    if (!place.isGone(error)) note(tally, 'skipped', { path, why: 'cannot be read' });
    return null;
  }
  if (found.isMedia !== known.isMedia || found.hash !== known.hash) await cache.keep(name, file, found).catch(warn);
  if (isMediaByName || found.isMedia === true) return found.hash;
  note(tally, 'skipped', { path, why: notMedia });
  return null;
}

function warn(error: unknown): void {
  log.warn('What files hold could not be kept; they will be read again', { reason: String(error) });
}

/**
 * Goes through the files of a place, and starts the pipelines that are missing. What has an `outcome.json` costs a
 * look into the result store and no call to Temporal.
 */
export async function scan(files: readonly SettledFile[], tools: ScanTools, attempt: Attempt<ScanMemory>) {
  const { place, work, cache, results, starter } = tools;
  const { signal } = attempt;
  const { place: reached, tally } = structuredClone(attempt.memory) ?? { place: null, tally: emptyTally() };
  const left = reached === null ? files : files.filter((file) => inOrder(file, reached) > 0);
  let [waiting, dealtAtMs]: [OpenFile[], number] = [[], Date.now()];
  for (let next = 0; next < left.length; next += batch) {
    const some = left.slice(next, next + batch);
    const media: OpenFile[] = [];
    for (const file of some) {
      signal.throwIfAborted();
      const hash = await hashOf(file, tools, signal, tally);
      if (hash === null) continue;
      media.push({ file, path: place.pathOf(file.name), hash, workflowId: pipelineWorkflowId(`${hash}-${work}`) });
    }
    const areDone = await Promise.all(media.map(({ workflowId }) => results.exists(workflowId, outcomeName)));
    const doneHere = areDone.filter(Boolean).length;
    tally.counts.done += doneHere;
    tally.known += doneHere;
    waiting.push(...media.filter((_, index) => areDone[index] !== true));
    // Few calls for many files, and yet none waits long for others to be read.
    const isLast = next + batch >= left.length;
    if (isLast || waiting.length >= batch || Date.now() - dealtAtMs > longestWaitMs) {
      for (let from = 0; from < waiting.length; from += batch) {
        await starter.dealWith(waiting.slice(from, from + batch), tally, signal);
      }
      [waiting, dealtAtMs] = [[], Date.now()];
    }
    await cache.save().catch(warn);
    const last = some.at(-1);
    if (waiting.length === 0 && last !== undefined) {
      attempt.remember({ place: { mtimeMs: last.mtimeMs, name: last.name }, tally: structuredClone(tally) });
    }
  }
  return tally;
}
