import { activityInfo } from '@temporalio/activity';
import { lookup } from 'mime-types';
import type { Collected, MissingPart } from '../contract/job.ts';
import { isProviderError, type ProviderError, type ProviderErrorKind } from '../providers/connection/provider-error.ts';
import type { ProviderConnection } from '../providers/connection/provider-connection.ts';
import type { ProviderName } from '../providers/registry.ts';
import type { ArtifactContent } from '../results/result-store.ts';
import { writeJson } from '../results/write-json.ts';
import { type Cue, toWebVtt } from '../results/web-vtt.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { atProvider, type OfCredential } from './at-provider.ts';
import type { Attempt } from './patience/attempt.ts';

/** Whose results are wanted, and where to. */
export interface CollectInput extends OfCredential {
  /** The folder in the result store. */
  folder: string;
}

/** What was said: the text, and the same with its times, as far as the provider tells. */
export interface Transcript {
  text: string | null;
  cues: readonly Cue[];
}

/** What a collect stores into, a job's folder in the result store. */
export interface Shelf extends Pick<Collected, 'artifacts' | 'missing'> {
  /** Stores a file; its media type goes by the ending of its name. */
  put(name: string, content: ArtifactContent): Promise<void>;
  putJson(name: string, value: unknown): Promise<void>;
  /** Stores `.txt` and `.vtt` under a name, as far as there is a text and there are times. */
  putTranscript(name: string, transcript: Transcript): Promise<void>;
  /** Stores what can be done without, or notes and gives back why there is none. Throws what may pass, to be tried again. */
  putOptional(name: string, store: () => Promise<void>): Promise<ProviderError | null>;
}

/** Since when, and how often, each part is answered in a way that may be chance, by its name; 0.4 kept the count alone. */
type OddAnswers = Record<string, { count: number; sinceMs: number } | number>;

const passing: ReadonlySet<ProviderErrorKind> = new Set(['unavailable', 'rate-limited', 'storage-refused']);
const odd: ReadonlySet<ProviderErrorKind> = new Set([
  'unexpected-response',
  'credential-refused',
  'conflict',
  'too-large',
]);
const [fewestOddAnswers, oddForMs] = [3, 120_000];
// The longest back-off, an attempt, and a little.
const lastTryMs = 150_000;

function isLastTry({ retryAfterMs = 0 }: ProviderError): boolean {
  const { attempt, scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  if (attempt === 1 || scheduleToCloseTimeoutMs <= 0) return false;
  return Date.now() + retryAfterMs + lastTryMs > scheduledTimestampMs + scheduleToCloseTimeoutMs;
}

/** A part that was not given; thrown, it is asked for again. */
interface Refused {
  name: string;
  error: ProviderError;
  /** Whether it was answered oddly, and not for long enough to be given up. */
  isPostponed: boolean;
}

/** Takes in that a part was not given; throws what may pass, for which there is time. */
function takeIn(name: string, refusal: ProviderError, attempt: Attempt<OddAnswers>, timeScale: number): Refused {
  // What storage, or something in front of the provider, says may be that of a moment.
  const isOwn = refusal.isInOwnForm;
  const error = refusal.kind === 'rejected' && !isOwn ? refusal.with({ kind: 'unexpected-response' }) : refusal;
  if (odd.has(error.kind)) {
    const before = attempt.memory?.[name];
    const { count, sinceMs } = typeof before === 'object' ? before : { count: 0, sinceMs: Date.now() };
    attempt.remember({ ...attempt.memory, [name]: { count: count + 1, sinceMs } });
    const isOddForLong = count + 1 >= fewestOddAnswers && (Date.now() - sinceMs) * timeScale >= oddForMs;
    return { name, error, isPostponed: !isOddForLong };
  }
  const isForeign = error.kind === 'not-found' && !isOwn;
  if ((isForeign || passing.has(error.kind)) && mayPass(error, attempt)) throw error;
  return { name, error, isPostponed: false };
}

/** Whether there is time for another try, and patience. */
function mayPass(error: ProviderError, attempt: Attempt<OddAnswers>): boolean {
  const verdict = attempt.judge(error);
  return verdict !== null && !verdict.isFinal && !isLastTry(error);
}

function createShelf(
  { results, timeScale }: Pick<ActivityDependencies, 'results' | 'timeScale'>,
  folder: string,
  attempt: Attempt<OddAnswers>,
): { shelf: Shelf; refused: Refused[] } {
  const refused: Refused[] = [];
  const shelf: Shelf = {
    artifacts: [],
    missing: [],
    async put(name, content) {
      const mediaType = lookup(name) || 'application/octet-stream';
      shelf.artifacts.push(await results.write(folder, name, mediaType, content, attempt.signal));
    },
    putJson: (name, value) => shelf.put(name, `${writeJson(value, 2)}\n`),
    async putTranscript(name, { text, cues }) {
      if (text !== null) await shelf.put(`${name}.txt`, `${text}\n`);
      const vtt = toWebVtt(cues);
      if (vtt !== null) await shelf.put(`${name}.vtt`, vtt);
    },
    async putOptional(name, store) {
      try {
        await store();
        return null;
      } catch (error) {
        if (!isProviderError(error)) throw error;
        refused.push(takeIn(name, error, attempt, timeScale));
        return error;
      }
    },
  };
  return { shelf, refused };
}

/**
 * Makes an activity that collects: `artifacts` and `missing` of the shelf are what it came to. A part that can be done
 * without never loses the others: what may pass is tried again as long as there is time for it, an odd answer for two
 * minutes and three times.
 */
export function collecting<I extends CollectInput, T extends object>(
  dependencies: ActivityDependencies,
  provider: ProviderName,
  collect: (connection: ProviderConnection, input: I, shelf: Shelf, signal: AbortSignal) => Promise<T>,
) {
  const activity = atProvider(dependencies, provider);
  return activity('exists', async (connection, input: I, attempt: Attempt<OddAnswers>) => {
    const { shelf, refused } = createShelf(dependencies, input.folder, attempt);
    const told = await collect(connection, input, shelf, attempt.signal);
    // All parts that are answered oddly wait at once.
    const postponed = refused.find(({ isPostponed }) => isPostponed)?.error;
    if (postponed !== undefined && mayPass(postponed, attempt)) throw postponed;
    const { artifacts } = shelf;
    const missing = [...refused.map(({ name, error }) => ({ name, why: error.message })), ...shelf.missing];
    // What could not be had may have been made of the rest.
    const isStored = (part: MissingPart) => artifacts.some(({ name }) => name === part.name);
    return { artifacts, missing: missing.filter((part) => !isStored(part)), ...told };
  });
}
