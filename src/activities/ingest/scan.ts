import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { log } from '@temporalio/activity';
import { pipelineWorkflowId } from '../../contract/workflow-ids.ts';
import type { ResultStore } from '../../results/result-store.ts';
import { isMedia } from '../../upload/media-format.ts';
import { findMediaType, headBytes } from '../../upload/media-type.ts';
import type { Attempt } from '../patience/attempt.ts';
import { outcomeName } from '../store-outcome.ts';
import type { FileCache } from './file-cache.ts';
import { inOrder, notMedia, type SettledFile } from './list-media.ts';
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
  directory: string;
  /** A hash of what is to be done. */
  work: string;
  cache: FileCache;
  results: ResultStore;
  starter: Starter;
}

async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function isMediaByContent(path: string): Promise<boolean> {
  const clues = { name: basename(path), readHead: () => readHead(path) };
  return isMedia((await findMediaType(clues)).mediaType);
}

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex').slice(0, 32);
}

/** The hash of a file that is media; null, with a word to the tally, for any other and where it cannot be read. */
async function hashOf(file: SettledFile, { directory, cache }: ScanTools, signal: AbortSignal, tally: Tally) {
  const { name, isMediaByName } = file;
  const path = join(directory, name);
  const known = cache.find(name, file) ?? { isMedia: null, hash: null };
  const found = { ...known };
  try {
    if (!isMediaByName) found.isMedia ??= await isMediaByContent(path);
    if (isMediaByName || found.isMedia === true) found.hash ??= await hashFile(path, signal);
  } catch (error) {
    signal.throwIfAborted();
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    // One that cannot be read holds up no other.
    if (!isGone) note(tally, 'skipped', { path, why: 'cannot be read' });
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
 * Goes through the files of a directory, and starts the pipelines that are missing. What has an `outcome.json` costs a
 * look into the result store and no call to Temporal.
 */
export async function scan(files: readonly SettledFile[], tools: ScanTools, attempt: Attempt<ScanMemory>) {
  const { directory, work, cache, results, starter } = tools;
  const { signal } = attempt;
  const { place, tally } = structuredClone(attempt.memory) ?? { place: null, tally: emptyTally() };
  const left = place === null ? files : files.filter((file) => inOrder(file, place) > 0);
  let [waiting, dealtAtMs]: [OpenFile[], number] = [[], Date.now()];
  for (let next = 0; next < left.length; next += batch) {
    const some = left.slice(next, next + batch);
    const media: OpenFile[] = [];
    for (const file of some) {
      signal.throwIfAborted();
      const hash = await hashOf(file, tools, signal, tally);
      if (hash === null) continue;
      media.push({ file, path: join(directory, file.name), hash, workflowId: pipelineWorkflowId(`${hash}-${work}`) });
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
