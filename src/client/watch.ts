import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { awaitWorkflowEnd, type RunReference } from './workflow-end.ts';

/** How something is watched. */
export interface WatchOptions {
  /** Ends the watch, and nothing else; the job goes on. */
  signal?: AbortSignal | undefined;
}

const lookEveryMs = 1000;

/** Resolves at the end of the run, by a long poll; never where that was broken off. */
async function untilEnd(client: Client, run: RunReference, signal: AbortSignal): Promise<void> {
  try {
    await client.connection.withAbortSignal(signal, () => awaitWorkflowEnd(client, run));
  } catch {
    await new Promise(() => undefined);
  }
}

/**
 * Yields a snapshot whenever something has changed, about each second at the most, and a last one when the workflow
 * has closed. An aborted watch ends without an error.
 */
export async function* watchRun<S extends { workflowStatus: string }>(
  client: Client,
  run: RunReference,
  observe: () => Promise<S>,
  { signal }: WatchOptions,
): AsyncGenerator<S, void, undefined> {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const end = untilEnd(client, run, stopped);
  let last: S | null = null;
  try {
    while (!stopped.aborted) {
      const snapshot = await observe();
      if (!isDeepStrictEqual(snapshot, last)) yield snapshot;
      last = snapshot;
      if (!['RUNNING', 'PAUSED'].includes(snapshot.workflowStatus)) return;
      await Promise.race([end, delay(lookEveryMs, undefined, { signal: stopped }).catch(() => undefined)]);
    }
  } finally {
    stop.abort();
  }
}
