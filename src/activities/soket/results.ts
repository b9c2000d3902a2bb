import { Readable } from 'node:stream';
import type { ProviderConnection } from '../../providers/connection/provider-connection.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import type { FileOutcome } from '../../contract/job.ts';
import { isTerminal } from '../../snapshot.ts';
import {
  readSoketFileResult,
  readSoketResults,
  type SoketFileResult,
  type SoketResultOptions,
} from '../../providers/soket/soket-calls.ts';
import { soketFile } from '../../providers/soket/soket-file.ts';
import { readSoketText } from '../../providers/soket/soket-transcript.ts';
import type { ActivityDependencies } from '../activity-dependencies.ts';
import { collecting, type CollectInput } from '../collecting.ts';
import { isMarked, unmarkName } from '../../providers/soket/marked-name.ts';
import { writeJson } from '../../results/write-json.ts';
import { clipBytes } from '../wait/observe-resource.ts';

/** A batch whose results are wanted, or the files of one whose id was lost. */
export interface CollectSoketResultsInput extends CollectInput {
  batchId: string | null;
  /** Of a batch that we made: what is not of them is none of its results, and all of them are. Empty where not known. */
  fileIds: string[];
  options: SoketResultOptions;
  /** Of a batch of others: how many files it has, where Soket says so. */
  totalFiles?: number | undefined;
  /** The marker in the files' names; none in those of others and of 0.1. */
  marker?: string | undefined;
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

function oddResults(words: string): ProviderError {
  return new ProviderError({ kind: 'unexpected-response', operation: 'read the Soket results', words });
}

const hasResult = ({ result }: SoketFileResult) => result !== null && result !== undefined;

/** How a file ended; a status that nobody knows is a success where there is a result. */
function outcomeOf(connection: ProviderConnection, file: SoketFileResult, marker: string | undefined): FileOutcome {
  const { phase, message } = soketFile.read(file);
  if (phase !== null && !isTerminal(phase)) {
    throw oddResults(`the batch has ended but ${file.file_id} is ${file.status}`);
  }
  return {
    id: file.file_id,
    name: file.filename ?? file.file_id,
    phase: phase ?? (hasResult(file) ? 'succeeded' : 'failed'),
    message: message === null ? null : clipBytes(connection.redact(unmarkName(message, marker)), 400),
  };
}

/** A name for a file's results: its own where no other has it, else with its id. */
function nameOf({ id, name }: FileOutcome, files: readonly FileOutcome[]): string {
  const isTaken =
    ['results', 'outcome'].includes(name.toLowerCase()) || files.filter((file) => file.name === name).length > 1;
  return isTaken ? `${name}.${id}` : name;
}

/** Makes the activity that writes all results as one file, each file's own result, and each text that can be found. */
export function createCollectSoketResults(dependencies: ActivityDependencies) {
  return collecting(dependencies, 'soket', async (connection, input: CollectSoketResultsInput, shelf, signal) => {
    const { batchId, fileIds, options, marker, totalFiles = 0 } = input;
    const marked: SoketFileResult[] = [];
    if (batchId === null) for (const id of fileIds) marked.push(await readSoketFileResult(connection, id, signal));
    else {
      const listed = await readBatchResults(connection, { batchId, options }, signal);
      const isOwn = ({ file_id: id, filename }: SoketFileResult) =>
        fileIds.length === 0 || fileIds.includes(id) || (marker !== undefined && isMarked(filename, marker));
      marked.push(...listed.filter(isOwn));
    }
    if (marked.length === 0) throw oddResults('no result of any file is listed');
    const found = marked.map((file) =>
      file.filename ? { ...file, filename: unmarkName(file.filename, marker) } : file,
    );
    const files = found.map((file) => outcomeOf(connection, file, marker));
    // An answer that is short of files may be chance; one that is so for minutes is not.
    const wanted = Math.max(fileIds.length, totalFiles);
    const lacking = wanted - files.length;
    const lack = await shelf.putOptional('results.json', () => {
      const words = `results of ${String(lacking)} of the ${String(wanted)} files are not listed`;
      return lacking > 0 ? Promise.reject(oddResults(words)) : Promise.resolve();
    });
    // Of our own files the outcome names each.
    if (lack !== null && fileIds.length === 0) shelf.missing.push({ name: 'other results', why: lack.message });
    if (files.every(({ phase }) => phase === 'failed')) return { files };
    // A stream of bytes: all results together may be larger than one string can be.
    await shelf.put('results.json', Readable.from(jsonLines(found), { objectMode: false }));
    for (const [index, file] of found.entries()) {
      const outcome = files[index];
      if (outcome?.phase !== 'succeeded') continue;
      const name = nameOf(outcome, files);
      await shelf.putOptional(`${name}.result`, () => {
        const isThere = hasResult(file) || file['chunk_results'] !== undefined;
        return isThere
          ? Promise.resolve()
          : Promise.reject(oddResults(`${outcome.name} is completed without a result`));
      });
      await shelf.putJson(`${name}.json`, file);
      await shelf.putTranscript(found.length === 1 ? 'transcript' : `${name}.transcript`, readSoketText(file.result));
    }
    return { files };
  });
}

function* jsonLines(results: readonly SoketFileResult[]): Generator<string> {
  for (const [index, result] of results.entries()) yield `${index === 0 ? '[' : ','}\n${writeJson(result)}`;
  yield '\n]\n';
}
