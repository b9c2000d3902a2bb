import { setTimeout as wait } from 'node:timers/promises';
import { type ProviderName, providerNames } from '../providers/registry.ts';
import type { OpenJobs } from './meters.ts';

const lookEveryMs = 30_000;

/** What is looked at, and who is told. */
export interface OpenJobsWatch {
  find: (provider: ProviderName) => Promise<OpenJobs>;
  note: (provider: ProviderName, found: OpenJobs) => void;
  warn: (message: string) => void;
}

/** Looks at the open jobs of every provider each half minute; gives a function that ends it. */
export function watchOpenJobs({ find, note, warn }: OpenJobsWatch): () => void {
  const stopped = new AbortController();
  let hasWarned = false;
  const look = async () => {
    try {
      for (const provider of providerNames) {
        if (!stopped.signal.aborted) note(provider, await find(provider));
      }
      hasWarned = false;
    } catch (error) {
      // One that is under way while the worker goes is nobody's loss.
      if (!hasWarned && !stopped.signal.aborted)
        warn(`Temporal does not say which jobs are open; the metrics of them stand still: ${String(error)}`);
      hasWarned = true;
    }
  };
  const watching = async () => {
    while (!stopped.signal.aborted) {
      await look();
      await wait(lookEveryMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
  };
  void watching();
  return () => {
    stopped.abort();
  };
}
