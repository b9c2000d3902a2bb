import { activityInfo } from '@temporalio/activity';
import type { Collected } from '../contract/job.ts';
import { isProviderError, type ProviderError } from '../providers/connection/provider-error.ts';
import type { ArtifactContent, ResultStore } from '../results/result-store.ts';
import { type Cue, toWebVtt } from '../results/web-vtt.ts';
import type { ActivityDependencies } from './activity-dependencies.ts';
import { type Attempt, patiently } from './patience/patiently.ts';

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
  /** Stores what can be done without, or notes why there is none. Throws what may pass, to be tried again. */
  putOptional(name: string, store: () => Promise<void>): Promise<void>;
}

const mediaTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  txt: 'text/plain',
  md: 'text/markdown',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
};

/** How often each part was answered in a way that may be chance, by its name. */
type OddAnswers = Record<string, number>;

const mostOddAnswers = 3;
// The longest back-off, an attempt, and a little.
const lastTryMs = 150_000;

function isLastTry({ retryAfterMs = 0 }: ProviderError): boolean {
  const { attempt, scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  if (attempt === 1 || scheduleToCloseTimeoutMs <= 0) return false;
  return Date.now() + retryAfterMs + lastTryMs > scheduledTimestampMs + scheduleToCloseTimeoutMs;
}

/** Whether a part may still be there another time; counts the odd answers. */
function mayCome(name: string, error: ProviderError, attempt: Attempt<OddAnswers>): boolean {
  if (isLastTry(error)) return false;
  if (isProviderError(error, 'unavailable', 'rate-limited', 'storage-refused')) return true;
  if (!isProviderError(error, 'unexpected-response', 'credential-refused')) return false;
  const count = (attempt.memory?.[name] ?? 0) + 1;
  attempt.remember({ ...attempt.memory, [name]: count });
  return count < mostOddAnswers;
}

function createShelf(results: ResultStore, folder: string, attempt: Attempt<OddAnswers>): Shelf {
  const shelf: Shelf = {
    artifacts: [],
    missing: [],
    async put(name, content) {
      const mediaType = mediaTypes[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
      shelf.artifacts.push(await results.write(folder, name, mediaType, content, attempt.signal));
    },
    putJson: (name, value) => shelf.put(name, `${JSON.stringify(value, null, 2)}\n`),
    async putTranscript(name, { text, cues }) {
      if (text !== null) await shelf.put(`${name}.txt`, `${text}\n`);
      const vtt = toWebVtt(cues);
      if (vtt !== null) await shelf.put(`${name}.vtt`, vtt);
    },
    async putOptional(name, store) {
      try {
        await store();
      } catch (error) {
        if (!isProviderError(error) || mayCome(name, error, attempt)) throw error;
        shelf.missing.push({ name, why: error.message });
      }
    },
  };
  return shelf;
}

/**
 * Makes an activity that collects: `artifacts` and `missing` of the shelf are what it came to. A part that can be done
 * without never loses the others: what may pass is tried again as long as there is time for it, an odd answer three times.
 */
export function collecting<I extends { folder: string }, T extends object>(
  { results, ...pace }: ActivityDependencies,
  collect: (input: I, shelf: Shelf, signal: AbortSignal) => Promise<T>,
): (input: I) => Promise<Pick<Collected, 'artifacts' | 'missing'> & T> {
  return patiently(pace, 'exists', async (input: I, attempt: Attempt<OddAnswers>) => {
    const shelf = createShelf(results, input.folder, attempt);
    const told = await collect(input, shelf, attempt.signal);
    return { artifacts: shelf.artifacts, missing: shelf.missing, ...told };
  });
}
