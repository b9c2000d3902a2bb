/** What one question was answered. */
export type Answer = 'limited' | 'running' | 'ended';

/** What became of one job's wait. */
export interface WatchedJob {
  endMs: number;
  /** When somebody first saw its end; null until then. */
  seenMs: number | null;
  calls: number;
  refused: number;
}

/** How long a refused caller is asked to stay away. */
export const retryAfterSeconds = 1;

/** A provider that answers so many questions a second and refuses the others with 429; in the time of the global clock. */
export class LimitedProvider {
  readonly #jobs = new Map<string, WatchedJob>();
  readonly #perSecond: number;
  #tokens: number;
  #countedAtMs = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  begin(id: string, durationMs: number): WatchedJob {
    const job: WatchedJob = { endMs: Date.now() + durationMs, seenMs: null, calls: 0, refused: 0 };
    this.#jobs.set(id, job);
    return job;
  }

  ask(id: string): Answer {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    const nowMs = Date.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((nowMs - this.#countedAtMs) / 1000) * this.#perSecond);
    this.#countedAtMs = nowMs;
    job.calls += 1;
    // A turn that comes just in time must not be lost to rounding.
    if (this.#tokens < 1 - 1e-6) {
      job.refused += 1;
      return 'limited';
    }
    this.#tokens -= 1;
    if (nowMs < job.endMs) return 'running';
    job.seenMs ??= nowMs;
    return 'ended';
  }

  /** The same over HTTP, for clients: the job's id is the last part of the path, `words` are theirs for a status. */
  fetchFor(words: { running: string; ended: string }): typeof fetch {
    return (input) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const id = pathname.split('/').at(-1) ?? '';
      const answer = this.ask(id);
      const headers = { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) };
      if (answer === 'limited') {
        const body = JSON.stringify({
          error: 'Too many requests',
          code: 'too_many_requests',
          message: 'Too many requests',
        });
        return Promise.resolve(new Response(body, { status: 429, headers }));
      }
      return Promise.resolve(new Response(JSON.stringify({ _id: id, id, status: words[answer] }), { headers }));
    };
  }
}
