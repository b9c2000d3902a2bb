import type { Worker } from '@temporalio/worker';

const lookEveryMs = 500;

/** Workers that live and end together. */
export interface RunningWorkers {
  /** Drains them all. */
  stop(): void;
  /** Whether one of them has stopped although nobody asked it to. */
  hasFailed(): boolean;
  /** Resolves when all have stopped, rejects where one died. */
  finished: Promise<void>;
}

/**
 * Runs workers by task queue. Where one stops by itself, as it does when Core refuses what it hands over, the others
 * drain too. Such a worker never ends its drain: its `shutdownForceTime` does.
 */
export function runTogether(workers: ReadonlyMap<string, Worker>): RunningWorkers {
  let isAsked = false;
  let failed = false;
  const drain = () => {
    for (const worker of workers.values()) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const run = async ([taskQueue, worker]: [string, Worker]) => {
    try {
      await worker.run();
    } catch (error) {
      failed = true;
      throw new Error(`The worker of ${taskQueue} died`, { cause: error });
    } finally {
      drain();
    }
  };
  const runs = [...workers].map(run);
  const watch = setInterval(() => {
    if (isAsked || [...workers.values()].every((worker) => worker.getState() === 'RUNNING')) return;
    failed = true;
    drain();
  }, lookEveryMs);
  const finished = Promise.allSettled(runs)
    .then(() => Promise.all(runs))
    .then(() => undefined)
    .finally(() => {
      clearInterval(watch);
    });
  return {
    stop() {
      isAsked = true;
      drain();
    },
    hasFailed: () => failed,
    finished,
  };
}
