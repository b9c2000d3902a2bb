import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import type { RunReference } from './workflow-end.ts';

/** How something is watched. */
export interface WatchOptions {
  /** Ends the watch, and nothing else; the job goes on. */
  signal?: AbortSignal | undefined;
}

/** What can be watched: it has an end, and may know when it has news. */
export interface Watched {
  workflowStatus: string;
  /** When the provider is asked next, ISO 8601; `null` where no look is booked. */
  nextLookAt?: string | null;
  jobs?: readonly { snapshot: { nextLookAt: string | null } | null }[];
}

// The pause between two looks: twice as long each time that nothing has changed.
const firstPauseMs = 1000;
const longestPauseMs = 15_000;
type HistoryRequest = Parameters<Client['workflowService']['getWorkflowExecutionHistory']>[0];
// `HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT` of the API.
const closeEventOnly: Pick<HistoryRequest, 'historyEventFilterType'> = Object.fromEntries([
  ['historyEventFilterType', 2],
]);

/** One long poll for the end of a run, which the server may answer without it; broken off by the signal. */
async function pollForEnd(client: Client, execution: RunReference, signal: AbortSignal): Promise<boolean> {
  // The SDK listens to the signal of each call for as long as that lives: one that many calls have would fill up.
  const own = new AbortController();
  const abort = () => {
    own.abort();
  };
  signal.addEventListener('abort', abort);
  try {
    const { namespace } = client.options;
    const request = { namespace, execution, waitNewEvent: true, ...closeEventOnly };
    const { history } = await client.connection.withAbortSignal(own.signal, () =>
      client.workflowService.getWorkflowExecutionHistory(request),
    );
    return (history?.events ?? []).length > 0;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Waits for the end of the run, at most so long; a server that does not answer is found out by the next look. */
async function untilEnd(client: Client, run: RunReference, withinMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  const stop = new AbortController();
  const abort = () => {
    stop.abort();
  };
  const timer = setTimeout(abort, withinMs);
  signal?.addEventListener('abort', abort);
  try {
    while (!stop.signal.aborted && !(await pollForEnd(client, run, stop.signal)));
  } catch {
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** How long it is until a look at the provider is due, in milliseconds; `Infinity` where none is. */
function untilNextLookMs({ nextLookAt, jobs = [] }: Watched): number {
  const booked = [nextLookAt, ...jobs.map(({ snapshot }) => snapshot?.nextLookAt)];
  const dueInMs = booked.map((at) => (at == null ? Infinity : Date.parse(at) - Date.now()));
  return Math.min(...dueInMs.filter((ms) => ms > 0));
}

/**
 * Yields a snapshot whenever something has changed, and a last one when the workflow has closed. It looks again each
 * second at first, less often the longer nothing changes, and soon after each look at the provider. An aborted watch
 * ends without an error.
 */
export async function* watchRun<S extends Watched>(
  client: Client,
  run: RunReference,
  observe: () => Promise<S>,
  { signal }: WatchOptions,
): AsyncGenerator<S, void, undefined> {
  let last: S | null = null;
  let pauseMs = firstPauseMs;
  while (signal?.aborted !== true) {
    const snapshot = await observe();
    const isNews = !isDeepStrictEqual(snapshot, last);
    if (isNews) yield snapshot;
    last = snapshot;
    if (!['RUNNING', 'PAUSED'].includes(snapshot.workflowStatus)) return;
    pauseMs = isNews ? firstPauseMs : Math.min(2 * pauseMs, longestPauseMs);
    await untilEnd(client, run, Math.min(pauseMs, untilNextLookMs(snapshot) + firstPauseMs), signal);
  }
}
