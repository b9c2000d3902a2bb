/** The last look at a job that goes on. */
export interface RecentLook {
  /** Epoch milliseconds. */
  atMs: number;
  /** When the next one was planned then. */
  nextAtMs: number;
  /** How many calls had been made with it, by whomever: where another process has looked since, more have. */
  calls: number;
  /** Whether the provider had not begun with the job then. */
  isQueued: boolean;
}

const mostJobs = 20_000;

/**
 * The last looks that this process has made, by job; the longest ago are forgotten first. It makes plans better and is
 * needed by none: another worker's looks are not in it.
 */
export class RecentLooks {
  readonly #looks = new Map<string, RecentLook>();

  /** The look that was the last one when so many calls had been made; `null` where that was another process's. */
  of(job: string, calls: number): RecentLook | null {
    const look = this.#looks.get(job);
    return look?.calls === calls ? look : null;
  }

  note(job: string, look: RecentLook): void {
    this.#looks.delete(job);
    this.#looks.set(job, look);
    if (this.#looks.size <= mostJobs) return;
    const [oldest] = this.#looks.keys();
    if (oldest !== undefined) this.#looks.delete(oldest);
  }

  forget(job: string): void {
    this.#looks.delete(job);
  }
}
