import { stat } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import type { Artifact } from '../../src/contract/job.ts';
import { findStrays, mediaOf } from './own-results.ts';

interface Told {
  artifacts?: Artifact[];
  /** Of a pipeline. */
  jobs?: { artifacts: Artifact[] }[];
}

/** Whether all are plain files: a pipe is read for as long as nobody writes into it. */
async function areFiles(sources: readonly unknown[]): Promise<boolean> {
  const each = sources.map(async (source) => {
    try {
      return (await stat(new URL(String(source)))).isFile();
    } catch {
      return false;
    }
  });
  return (await Promise.all(each)).every(Boolean);
}

/** The workflows that a test has started, with what lay in their sources then. */
export class StartedJobs {
  readonly #client: Client;
  readonly #own = new Map<string, string[]>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Notes what lies in the sources of a workflow; those that are no files, or none that can be read, are not looked at. */
  async note(workflowId: string, input: unknown): Promise<void> {
    const { source } = (input ?? {}) as { source?: string | string[] };
    if (source === undefined) return;
    const sources = [source].flat();
    const own = (await areFiles(sources)) ? await mediaOf(...sources).catch(() => undefined) : undefined;
    if (own) this.#own.set(workflowId, own);
  }

  /** Names the results of completed workflows that are of other media than their own. */
  async findForeignResults(): Promise<string[]> {
    const found = [...this.#own].map(async ([workflowId, own]) => {
      const handle = this.#client.workflow.getHandle(workflowId);
      if ((await handle.describe()).status.name !== 'COMPLETED') return [];
      const { artifacts = [], jobs = [] } = ((await handle.result()) ?? {}) as Told;
      const { foreign } = await findStrays([...artifacts, ...jobs.flatMap((job) => job.artifacts)], own);
      return foreign.map((name) => `${workflowId}: ${name}`);
    });
    return (await Promise.all(found)).flat();
  }
}
