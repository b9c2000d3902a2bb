import type { Worker } from '@temporalio/worker';
import type { RunningWorker } from './start-worker.ts';

const lookEveryMs = 200;

/** The jobs' workers beside one worker of the user's, or several: started with the first, drained with the last. */
export class JobsBeside {
  readonly #started: Promise<RunningWorker>;
  readonly #ended: Promise<void>;
  readonly #companions = new Set<Worker>();
  readonly #namespace: string;
  #hasEnded = false;
  #isStopped = false;

  constructor(namespace: string, start: () => Promise<RunningWorker>) {
    this.#namespace = namespace;
    this.#started = start();
    this.#ended = this.#started
      .then((jobs) => jobs.finished)
      .finally(() => {
        this.#hasEnded = true;
      });
    this.#ended.catch(() => undefined);
  }

  /** False where they drain, or have ended. */
  get isOpen(): boolean {
    return !this.#isStopped && !this.#hasEnded;
  }

  /**
   * Runs a worker of the user's until it has ended, and the jobs' workers too where it was the last. A worker says nowhere
   * that it was told to drain, so it is looked at.
   * @throws Error in another namespace than the jobs'.
   */
  async runWith(worker: Worker, run: () => Promise<void>): Promise<void> {
    const { namespace } = worker.options;
    if (namespace !== this.#namespace) {
      throw new Error(
        `ProviderJobsPlugin runs jobs in the namespace ${this.#namespace}; a worker of ${namespace} needs one of its own`,
      );
    }
    this.#companions.add(worker);
    const look = () => {
      const state = worker.getState();
      if (state === 'RUNNING' && this.#hasEnded) worker.shutdown();
      else if (state !== 'RUNNING' && state !== 'INITIALIZED') this.#leave(worker);
    };
    const watch = setInterval(look, lookEveryMs);
    const own = run().finally(() => {
      clearInterval(watch);
      this.#leave(worker);
    });
    await Promise.allSettled([own]);
    // Nobody closes the connection before the jobs' workers have let go of it.
    if (this.#isStopped || this.#hasEnded) await Promise.allSettled([this.#ended]);
    await own;
    if (this.#hasEnded) await this.#ended;
  }

  #leave(worker: Worker): void {
    this.#companions.delete(worker);
    if (this.#companions.size > 0 || this.#isStopped) return;
    this.#isStopped = true;
    this.#started.then((jobs) => jobs.stop('the worker beside them stops')).catch(() => undefined);
  }
}
