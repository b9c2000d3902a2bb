import { Readable } from 'node:stream';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import type { Artifact, FileOutcome } from '../../contract/job.ts';
import { isTerminal } from '../../snapshot.ts';
import {
  readSoketFileResult,
  readSoketResults,
  type SoketFileResult,
  type SoketResultOptions,
} from '../../providers/soket/soket-calls.ts';
import { soketFile } from '../../providers/soket/soket-file.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { heartbeating } from '../heartbeating.ts';
import { clipBytes } from '../wait/observe-resource.ts';

/** A batch whose results are wanted, or the files of one whose id was lost. */
export interface CollectSoketResultsInput {
  batchId: string | null;
  fileIds: string[];
  options: SoketResultOptions;
  /** The folder in the result store. */
  folder: string;
  credential?: string | undefined;
}

/** What was written, and how each file ended. */
export interface CollectSoketResultsResult {
  artifacts: Artifact[];
  files: FileOutcome[];
}

async function readBatchResults(
  connection: ProviderConnection,
  { batchId, options }: { batchId: string; options: SoketResultOptions },
  signal: AbortSignal,
): Promise<SoketFileResult[]> {
  const results = new Map<string, SoketFileResult>();
  for (let page = 1; ; page += 1) {
    const { files, total_pages: pages } = await readSoketResults(connection, { batchId, page, options, signal });
    const before = results.size;
    for (const file of files) results.set(file.file_id, file);
    if (results.size === before || page >= pages) return [...results.values()];
  }
}

/** How a file ended; a status that nobody knows is a success where there is a result. */
function outcomeOf(connection: ProviderConnection, file: SoketFileResult): FileOutcome {
  const { phase, message } = soketFile.read(file);
  if (phase !== null && !isTerminal(phase)) {
    const words = `the batch has ended but ${file.file_id} is ${file.status}`;
    throw new ProviderError({ kind: 'unexpected-response', operation: 'read the Soket results', words });
  }
  const hasResult = file.result !== null && file.result !== undefined;
  return {
    id: file.file_id,
    name: file.filename ?? file.file_id,
    phase: phase ?? (hasResult ? 'succeeded' : 'failed'),
    message: message === null ? null : clipBytes(connection.redact(message), 400),
  };
}

/** A name for each file's results: its own where no other has it, else with its id. */
function nameFiles(files: readonly FileOutcome[]): Map<string, string> {
  const taken = (name: string) => name === 'results' || files.filter((file) => file.name === name).length > 1;
  return new Map(files.map(({ id, name }) => [id, taken(name) ? `${name}.${id}` : name]));
}

/** The text, where the result, whose shape is not published, plainly has one. */
function textOf({ result }: SoketFileResult): string | null {
  const hasText = typeof result === 'object' && result !== null && 'text' in result;
  return hasText && typeof result.text === 'string' ? result.text : null;
}

/** Makes the activity that writes all results as one file, each file's own result, and each text that can be found. */
export function createCollectSoketResults({ connect, results: store }: ActivityDependencies) {
  return async function collectSoketResults(input: CollectSoketResultsInput): Promise<CollectSoketResultsResult> {
    const { batchId, fileIds, options, folder, credential } = input;
    return heartbeating(null, async (_pulse, signal) => {
      const connection = await connect('soket', credential);
      const found: SoketFileResult[] = [];
      if (batchId !== null) found.push(...(await readBatchResults(connection, { batchId, options }, signal)));
      else for (const id of fileIds) found.push(await readSoketFileResult(connection, id, signal));
      const files = found.map((file) => outcomeOf(connection, file));
      const artifacts: Artifact[] = [];
      const write = async (name: string, mediaType: string, content: Iterable<string>) => {
        // A stream of bytes: all results together may be larger than one string can be.
        artifacts.push(
          await store.write(folder, name, mediaType, Readable.from(content, { objectMode: false }), signal),
        );
      };
      const names = nameFiles(files);
      if (files.every(({ phase }) => phase === 'failed')) return { artifacts, files };
      await write('results.json', 'application/json', jsonLines(found));
      for (const [index, file] of found.entries()) {
        if (files[index]?.phase !== 'succeeded') continue;
        const name = names.get(file.file_id) ?? file.file_id;
        await write(`${name}.json`, 'application/json', [`${JSON.stringify(file, null, 2)}\n`]);
        const text = textOf(file);
        if (text === null) continue;
        await write(found.length === 1 ? 'transcript.txt' : `${name}.transcript.txt`, 'text/plain', [`${text}\n`]);
      }
      return { artifacts, files };
    });
  };
}

function* jsonLines(results: readonly SoketFileResult[]): Generator<string> {
  for (const [index, result] of results.entries()) yield `${index === 0 ? '[' : ','}\n${JSON.stringify(result)}`;
  yield '\n]\n';
}
