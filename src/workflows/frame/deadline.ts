import { patched, workflowInfo } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';

/** An object that is another one after each reset of the run, also where the resets are replayed. */
function seedOfRun(): object {
  return getActivator().randomnessSeed;
}

/**
 * Until when a job may take. One that was given counts from the start of the workflow; a default one from when the media
 * is at the provider. A run that was reset when it had passed has all of it once more, from then on.
 */
export class Deadline {
  /** What counts from the arrival of the media where none was given. */
  defaultMs = 24 * 3_600_000;
  readonly #givenMs: number | null;
  #atMs: number | null;
  #seed = seedOfRun();
  #judgedSeed = this.#seed;

  constructor(givenMs: number | null) {
    this.#givenMs = givenMs;
    this.#atMs = givenMs === null ? null : workflowInfo().startTime.getTime() + givenMs;
  }

  /** Epoch milliseconds; `null` where none was given and the media is still on its way to the provider. */
  get atMs(): number | null {
    const seed = seedOfRun();
    const wasReset = seed !== this.#seed;
    // Asked right after the reset: one that passes later was not what it failed of.
    this.#seed = seed;
    const isPast = this.#atMs !== null && Date.now() >= this.#atMs;
    if (isPast && seed !== this.#judgedSeed) {
      this.#judgedSeed = seed;
      // Before 0.5 any that passed after a reset was renewed.
      const isRenewed = patched('deadline-passed-at-reset') ? wasReset : patched('deadline-anew-after-reset');
      if (isRenewed) this.#atMs = Date.now() + (this.#givenMs ?? this.defaultMs);
    }
    return this.#atMs;
  }

  /** Until then, in milliseconds; at least 1. */
  get leftMs(): number {
    const { atMs } = this;
    return atMs === null ? Infinity : Math.max(1, atMs - Date.now());
  }

  /** The media is at the provider: a default deadline counts from here on. Gives it, epoch milliseconds. */
  arrived(): number {
    this.#atMs = this.atMs ?? Date.now() + this.defaultMs;
    return this.#atMs;
  }

  /** Not all of the media arrived after all, and more of it is on its way. */
  sendsAgain(): void {
    if (this.#givenMs === null) this.#atMs = null;
  }
}
