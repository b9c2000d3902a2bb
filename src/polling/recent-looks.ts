/** The last look at a job that goes on. */
export interface RecentLook {
  /** Epoch milliseconds. */
  atMs: number;
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

  of(job: string): RecentLook | null {
    return this.#looks.get(job) ?? null;
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
