import { isProviderError, ProviderError } from '../../providers/connection/provider-error.ts';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { describeNetworkError } from '../../http/network-error.ts';
import { isTooLarge } from '../../http/response-size.ts';
import { getFromStorage } from '../../providers/connection/storage.ts';
import type { Artifact } from '../../contract/job.ts';
import { isTerminal, type JobSnapshot } from '../../snapshot.ts';
import { listSlngOutputs, type SlngOutput } from '../../providers/slng/slng-calls.ts';
import { ResultStoreError } from '../../results/result-store-error.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { heartbeating } from '../heartbeating.ts';
import { findSlngJob } from './find-job.ts';

/** A job whose results are wanted. */
export interface CollectSlngResultsInput {
  jobId: string;
  /** The folder in the result store. */
  folder: string;
  credential?: string | undefined;
}

/** The stored results, or the job as it was found when they were gone. */
export interface CollectSlngResultsResult {
  artifacts: Artifact[];
  /** Set where the job was deleted or expired before its results were stored. */
  lost: JobSnapshot | null;
}

const mediaTypes = { json: 'application/json', txt: 'text/plain', srt: 'application/x-subrip' } as const;

/** Makes the activity that writes `transcript.json`, `.txt` and `.srt`, as far as SLNG made them, to the result store. */
export function createCollectSlngResults({ connect, results }: ActivityDependencies) {
  async function store(
    connection: ProviderConnection,
    folder: string,
    { format, url }: SlngOutput,
    signal: AbortSignal,
  ): Promise<Artifact> {
    const name = `transcript.${format}`;
    const operation = `download ${name} from SLNG`;
    const content = await getFromStorage(connection.agents, { operation, url, signal });
    try {
      return await results.write(folder, name, mediaTypes[format], content, signal);
    } catch (error) {
      if (signal.aborted || error instanceof ResultStoreError) throw error;
      const kind = isTooLarge(error) ? 'too-large' : 'unavailable';
      throw new ProviderError({ kind, operation, words: describeNetworkError(error) });
    } finally {
      content.destroy();
    }
  }

  async function storeAll(
    { jobId, folder }: CollectSlngResultsInput,
    connection: ProviderConnection,
    signal: AbortSignal,
  ) {
    // Links are secrets that live for an hour: each attempt asks for its own, just before it uses them.
    const outputs = await listSlngOutputs(connection, jobId, signal);
    if (outputs.length === 0) {
      const operation = 'collect the results of the SLNG job';
      throw new ProviderError({ kind: 'unexpected-response', operation, words: 'no output is listed' });
    }
    const artifacts: Artifact[] = [];
    for (const output of outputs) artifacts.push(await store(connection, folder, output, signal));
    return artifacts;
  }

  return async function collectSlngResults(input: CollectSlngResultsInput): Promise<CollectSlngResultsResult> {
    return heartbeating(null, async (_pulse, signal) => {
      const connection = await connect('slng', input.credential);
      try {
        return { artifacts: await storeAll(input, connection, signal), lost: null };
      } catch (error) {
        if (!isProviderError(error, 'not-found', 'unexpected-response', 'storage-refused')) throw error;
        const snapshot = await findSlngJob(connection, input.jobId, signal);
        if (snapshot === null || !isTerminal(snapshot.phase) || snapshot.phase === 'succeeded') throw error;
        return { artifacts: [], lost: snapshot };
      }
    });
  };
}
