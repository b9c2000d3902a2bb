import { text } from 'node:stream/consumers';
import pLimit from 'p-limit';
import { z } from 'zod';
import { retentionOptions } from '../../client/cleaning-input.ts';
import type { CleanInput, CleaningTally } from '../../contract/cleaning.ts';
import { markerOf, parseWorkflowId } from '../../contract/workflow-ids.ts';
import type { Cleaning } from '../../providers/cleaning.ts';
import type { ProviderName } from '../../providers/registry.ts';
import { toPathSegment } from '../../results/path-segment.ts';
import type { WalkedFolder } from '../../results/result-store.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import type { Attempt } from '../patience/attempt.ts';
import { refuse } from '../patience/failure.ts';
import { patiently } from '../patience/patiently.ts';
import { outcomeName } from '../store-outcome.ts';
import { CleaningBook, settle } from './tally.ts';

/** The file beside `outcome.json` that says that nothing of the job is at its provider any more. */
export const removedName = 'removed-at-provider.json';

const options = z.object({ olderThan: retentionOptions.olderThan, delete: retentionOptions.delete });

const outcomeSchema = z.object({
  workflowId: z.string(),
  runId: z.string(),
  provider: z.string(),
  jobId: z.string(),
  ids: z.record(z.string(), z.string()),
  resource: z.string(),
  phase: z.string(),
  failure: z.null(),
  artifacts: z.array(z.object({ name: z.string(), sizeBytes: z.number() })),
  missing: z.array(z.unknown()),
  endedAt: z.iso.datetime(),
  origin: z.object({ marker: z.string(), credential: z.string() }).optional(),
});

type Outcome = z.infer<typeof outcomeSchema>;

/** What a walk leaves to the next attempt: everything up to this folder was dealt with. */
interface WalkMemory {
  after: string;
  tally: CleaningTally;
}

const atOnce = 4;
const batch = 50;

async function* inBatches(folders: AsyncIterable<WalkedFolder>, after: string | null): AsyncGenerator<WalkedFolder[]> {
  let some: WalkedFolder[] = [];
  for await (const folder of folders) {
    if (after !== null && `${folder.name}/` <= `${after}/`) continue;
    some.push(folder);
    if (some.length < batch) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** Whether an outcome is that of the very job whose folder it lies in, and of one that we made ourselves. */
function isOfFolder({ workflowId, provider }: Outcome, folder: string, expected: ProviderName): boolean {
  const parsed = parseWorkflowId(workflowId);
  const key = workflowId.split('/').at(-1) ?? '';
  return (
    parsed?.kind === 'lifecycle' &&
    parsed.provider === expected &&
    provider === expected &&
    toPathSegment(key) === folder
  );
}

/**
 * Makes the activity that removes at one provider what jobs made that succeeded long enough ago and are stored: which
 * those are, the result store says, since Temporal may have forgotten them.
 */
export function createRemoveStoredJobs(
  dependencies: ActivityDependencies,
  provider: ProviderName,
  cleaning?: Cleaning,
) {
  const { connect, results, stored: store, onCleaned, ...pace } = dependencies;
  return patiently(pace, 'before', async (input: CleanInput, attempt: Attempt<WalkMemory>) => {
    if (cleaning?.stored === undefined) refuse(`providers: ${provider} lets us remove nothing`);
    if (store === undefined)
      refuse('the result store of the workers has no walk, list and read, so nothing is known to be stored');
    const look = cleaning.stored.bind(cleaning);
    const { olderThan: olderThanMs, delete: deletes } = options.parse(input);
    const { signal } = attempt;
    const book = new CleaningBook({ provider, kind: 'retention', onCleaned }, attempt.memory?.tally);

    const removeOne = async (folder: WalkedFolder): Promise<void> => {
      signal.throwIfAborted();
      const files = await folder.list();
      const sizes = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
      const file = files.find(({ name }) => name === outcomeName);
      // Folders of what was tracked lie below others and have no outcome of their own.
      if (file === undefined) return;
      const outcome = readOutcome(await text(await store.read(file.uri)));
      if (outcome === null) return;
      if (!isOfFolder(outcome, folder.name, provider)) {
        book.count('foreign');
        return;
      }
      const { workflowId, runId, jobId, ids, resource, artifacts, missing, endedAt, origin } = outcome;
      // A note may be of an older job under the same key.
      const note = files.find(({ name }) => name === removedName);
      if (note !== undefined && readRemovedId(await text(await store.read(note.uri))) === jobId) return;
      const jobEndedAtMs = Date.parse(endedAt);
      if (Date.now() - jobEndedAtMs < olderThanMs / dependencies.timeScale) {
        book.count('young');
        return;
      }
      const isWhole = artifacts.every(({ name, sizeBytes }) => sizes.get(name) === sizeBytes);
      if (artifacts.length === 0 || missing.length > 0 || !isWhole) {
        book.count('not-stored');
        return;
      }
      const connection = await connect(provider, origin?.credential);
      // Older outcomes have none: theirs is known unless they were resumed.
      const markers = [origin?.marker ?? markerOf(workflowId, runId)];
      const found = await look(connection, { jobId, ids, markers }, signal);
      const [, ownName = resource] = resource.split('.');
      const thing = await settle(found, { id: jobId, resource: ownName, workflowId, jobEndedAtMs }, deletes);
      book.note(thing);
      // With another key than the job's everything looks gone.
      const isKnownToBeGone = thing.fate === 'removed' || (thing.fate === 'gone' && origin !== undefined);
      if (!deletes || !isKnownToBeGone) return;
      const removed = { provider, resource, jobId, ids, found: thing.fate, at: new Date().toISOString() };
      await results.write(workflowId, removedName, 'application/json', `${JSON.stringify(removed, null, 2)}\n`, signal);
    };

    for await (const some of inBatches(store.walk(`provider-job/${provider}`), attempt.memory?.after ?? null)) {
      const limit = pLimit(atOnce);
      const ends = await Promise.allSettled(some.map((folder) => limit(removeOne, folder)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      const last = some.at(-1);
      if (last !== undefined) attempt.remember({ after: last.name, tally: structuredClone(book.tally) });
      attempt.progressed();
    }
    return book.tally;
  });
}

/** Of which job a note says that it is removed; `null` where it is none. */
function readRemovedId(content: string): string | null {
  return z.object({ jobId: z.string() }).safeParse(parseJson(content)).data?.jobId ?? null;
}

/** An outcome of a job that succeeded; `null` for any other. */
function readOutcome(content: string): Outcome | null {
  const { data } = outcomeSchema.safeParse(parseJson(content));
  return data?.phase === 'succeeded' ? data : null;
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
