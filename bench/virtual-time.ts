import { setImmediate as turn } from 'node:timers/promises';

interface Timer {
  atMs: number;
  order: number;
  run: () => void;
}

/** Timers by the moment they are due; those of one moment in the order in which they were set. */
class Timers {
  readonly #heap: Timer[] = [];

  add(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  take(): Timer | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const lesser = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (lesser === undefined || !isBefore(lesser, last)) break;
      heap[at] = lesser;
      at = 2 * at + (lesser === right ? 2 : 1);
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (one: Timer, other: Timer) =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/**
 * Runs `work` with a clock that jumps to the next timer whenever nothing else is left to do, and with repeatable chance:
 * `setTimeout`, `Date` and `Math.random` of the whole process, so that libraries run as they are shipped. Time begins
 * at 0. Nothing in it may wait for the world outside.
 */
export async function inVirtualTime<T>(random: () => number, work: () => Promise<T>): Promise<T> {
  const timers = new Timers();
  const live = new Map<number, Timer>();
  let nowMs = 0;
  let set = 0;
  const real = { setTimeout, clearTimeout, Date, random: Math.random };
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
    set += 1;
    const id = set;
    const timer: Timer = {
      atMs: nowMs + Math.max(0, delayMs),
      order: id,
      run: () => {
        run(...args);
      },
    };
    live.set(id, timer);
    timers.add(timer);
    return id;
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((id: number) => {
    live.delete(id);
  }) as unknown as typeof clearTimeout;
  globalThis.Date = class extends real.Date {
    constructor(...args: [] | [string | number | Date]) {
      super(args.length === 0 ? nowMs : args[0]);
    }
    static override now() {
      return nowMs;
    }
  } as DateConstructor;
  Math.random = random;
  try {
    const state = { isDone: false };
    const done = work().finally(() => (state.isDone = true));
    // What it rejects with is thrown below, once it is awaited.
    done.catch(() => undefined);
    for (;;) {
      // Twice, for what a callback of the first turn has put off to the next.
      await turn();
      await turn();
      if (state.isDone) return await done;
      let timer = timers.take();
      while (timer !== undefined && !live.delete(timer.order)) timer = timers.take();
      if (timer === undefined) throw new Error('everything waits for something that is not a timer');
      nowMs = timer.atMs;
      timer.run();
    }
  } finally {
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    globalThis.Date = real.Date;
    Math.random = real.random;
  }
}
