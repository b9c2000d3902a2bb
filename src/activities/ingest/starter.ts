import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { pipelineDeadlineMs } from '../../client/pipeline-input.ts';
import { type IngestInput, mostListed } from '../../contract/ingest.ts';
import type { MediaPipelineInput } from '../../contract/pipeline.ts';
import { pipelineStart } from '../../contract/start-requests.ts';
import { parseWorkflowId, pipelineWorkflowId } from '../../contract/workflow-ids.ts';
import type { ResultStore } from '../../results/result-store.ts';
import { outcomeName } from '../store-outcome.ts';
import type { SettledFile } from './list-media.ts';
import type { MediaPlace } from './media-place.ts';
import {
  findOldFate,
  isEndedByHand,
  isFailed,
  type ListedRun,
  listRuns,
  startPipeline,
  triesOf,
  whyFailed,
} from './pipelines.ts';
import { note, type Tally } from './tally.ts';

const startsAtOnce = 16;

/** A media file whose work is not done, and the pipeline that is to do it. */
export interface OpenFile {
  file: SettledFile;
  path: string;
  /** Of its content. */
  hash: string;
  workflowId: string;
}

/** What files are started with. */
interface StarterOptions {
  client: Client;
  results: ResultStore;
  place: MediaPlace;
  input: Pick<IngestInput, 'steps' | 'strategy'>;
  work: string;
  retryFailed: number;
  /** The media type that the job of a file is told; undefined leaves it to the job. */
  mediaTypeOf: (name: string) => string | undefined;
}

/** Deals with files whose work is not done: starts what is missing, counts what runs, names what failed. */
export class Starter {
  readonly #options: StarterOptions;
  readonly #limit = pLimit(startsAtOnce);

  constructor(options: StarterOptions) {
    this.#options = options;
  }

  /** Deals with at most a hundred files: one call for all of them, one more for each that is started or names its failure. */
  async dealWith(files: readonly OpenFile[], tally: Tally, signal: AbortSignal): Promise<void> {
    if (files.length === 0) return;
    const ids = files.flatMap(({ workflowId, hash }) => [workflowId, pipelineWorkflowId(hash)]);
    const runs = await listRuns(this.#options.client, [...new Set(ids)]);
    const met = new Set<string>();
    const each = files.map((file) =>
      this.#limit(async () => {
        signal.throwIfAborted();
        const run = runs.get(file.workflowId);
        // The same content under two names is one pipeline.
        const isSecond = met.has(file.workflowId);
        met.add(file.workflowId);
        if (run !== undefined && isFailed(run)) await this.#startAgain(file, run, isSecond, tally, signal);
        else if (run !== undefined || isSecond) tally.known += 1;
        else await this.#startFirst(file, runs.get(pipelineWorkflowId(file.hash)), tally, signal);
      }),
    );
    const ends = await Promise.allSettled(each);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #startAgain(
    file: OpenFile,
    run: ListedRun,
    isSecond: boolean,
    tally: Tally,
    signal: AbortSignal,
  ): Promise<void> {
    const tries = triesOf(run);
    if (tries > this.#options.retryFailed || isEndedByHand(run)) {
      await this.#fail(file, tally, () => whyFailed(this.#options.client, run));
    } else if (isSecond) tally.known += 1;
    else await this.#start(file, tries + 1, tally, signal);
  }

  async #startFirst(file: OpenFile, old: ListedRun | undefined, tally: Tally, signal: AbortSignal): Promise<void> {
    const { client, results, work, retryFailed } = this.#options;
    const fate = old === undefined ? 'other work' : await findOldFate(client, old, work);
    if (fate === 'running') tally.known += 1;
    else if (fate === 'other work' || ('why' in fate && retryFailed > 0)) await this.#start(file, 1, tally, signal);
    else if ('why' in fate) await this.#fail(file, tally, () => Promise.resolve(fate.why));
    else {
      // Its work is done: from now on the result store says so, whatever Temporal forgets.
      const content = `${JSON.stringify(fate.outcome, null, 2)}\n`;
      await results.write(file.workflowId, outcomeName, 'application/json', content);
      tally.known += 1;
      tally.counts.done += 1;
    }
  }

  async #start(
    { file, path, workflowId }: OpenFile,
    nextTry: number,
    tally: Tally,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, input, mediaTypeOf, place } = this.#options;
    const state = await place.lookAgain(file, signal);
    if (state === 'changed') note(tally, 'skipped', { path, why: 'changed while it was read' });
    if (state !== 'as listed') return;
    const { steps, strategy } = input;
    const mediaType = mediaTypeOf(file.name);
    const started: MediaPipelineInput = { source: place.sourceOf(file.name), mediaType, steps, strategy };
    const parsed = parseWorkflowId(workflowId);
    const key = parsed?.kind === 'pipeline' ? parsed.key : workflowId;
    const request = pipelineStart({ input: started, key, deadlineMs: pipelineDeadlineMs(started) });
    if (await startPipeline(client, request, nextTry)) note(tally, 'started', { path, workflowId });
    else tally.known += 1;
  }

  async #fail({ path, workflowId }: OpenFile, tally: Tally, why: () => Promise<string>): Promise<void> {
    // Whoever is not named is not asked for.
    const words = tally.failed.length < mostListed ? await why() : '';
    note(tally, 'failed', { path, workflowId, why: words });
  }
}
