import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../stack.ts';
import { beginTiroJob } from './tiro-job.ts';

/** What the simulator saw of the wait for one job. */
export interface SeenWait {
  /** From the job's end to the arrival of the question that saw it, in seconds of the provider's time. */
  delaySeconds: number;
  /** Questions up to that one. */
  calls: number;
}

const lookEveryMs = 15;
const patienceMs = 60_000;

/** Jobs at the simulated Tiro that take as long as they are told, and what the simulator saw of each wait. */
export class TimedJobs {
  readonly #stack: Stack;
  readonly #timeScale: number;
  readonly #durationsMs = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(stack: Stack, timeScale: number) {
    this.#stack = stack;
    this.#timeScale = timeScale;
  }

  /** Runs what makes one job, which then takes `durationMs` of the provider's time, and gives the job's id. */
  make(durationMs: number, begin: () => Promise<unknown>): Promise<string> {
    // One at a time: the simulator gives a plan to whichever job comes next.
    const made = this.#turn.then(() => this.#make(durationMs, begin));
    this.#turn = made.catch(() => undefined);
    return made;
  }

  async #make(durationMs: number, begin: () => Promise<unknown>): Promise<string> {
    const { simulator } = this.#stack;
    const creates = () => simulator.calls({ provider: 'tiro', operation: 'tiro.create' });
    const before = (await creates()).length;
    await simulator.setPlan('tiro', { durationMs, jobs: 1 });
    const begun = begin();
    const giveUp = Date.now() + patienceMs;
    for (;;) {
      const id = (await creates())[before]?.jobId;
      if (id !== undefined) {
        await begun;
        this.#durationsMs.set(id, durationMs);
        return id;
      }
      if (Date.now() > giveUp) throw new Error('no job was made');
      await delay(lookEveryMs);
    }
  }

  /** A job that somebody else has made, filled and begun. */
  makeBegun(durationMs: number): Promise<string> {
    return this.make(durationMs, () => beginTiroJob(this.#stack));
  }

  /** What the simulator saw of the wait for a job; throws where nobody has seen its end yet. */
  async seen(jobId: string): Promise<SeenWait> {
    const calls = await this.#stack.simulator.calls({ provider: 'tiro', jobId });
    const begunAtMs = calls.find(({ operation }) => operation === 'tiro.upload-complete')?.at;
    const durationMs = this.#durationsMs.get(jobId);
    if (begunAtMs === undefined || durationMs === undefined) throw new Error(`job ${jobId} never began`);
    const endedAtMs = begunAtMs + durationMs / this.#timeScale;
    const looks = calls.filter(({ operation }) => operation === 'tiro.status');
    const first = looks.findIndex(({ at }) => at >= endedAtMs);
    const look = looks[first];
    if (look === undefined) throw new Error(`nobody has seen the end of job ${jobId}`);
    return { delaySeconds: ((look.at - endedAtMs) * this.#timeScale) / 1000, calls: first + 1 };
  }
}
