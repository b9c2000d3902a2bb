import { rmSync } from 'node:fs';

const tasks = new Set<() => void>();

function runAll(): void {
  for (const task of [...tasks].reverse()) {
    try {
      task();
    } catch {
      // What cannot be tidied up must not keep the rest from it.
    }
  }
  tasks.clear();
}

function endAt(signal: NodeJS.Signals): void {
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

/**
 * Runs a task when this process ends early, by Ctrl-C too; the task must be synchronous. Gives what is called once
 * nothing of it is left to do.
 */
export function atEnd(task: () => void): () => void {
  if (tasks.size === 0) {
    process.on('exit', runAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAt);
  }
  tasks.add(task);
  return () => {
    if (!tasks.delete(task) || tasks.size > 0) return;
    process.off('exit', runAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, endAt);
  };
}

/** Removes a folder where this process ends early; gives what is called once it is gone anyway. */
export function removeAtEnd(folder: string): () => void {
  // What was just killed may still be writing.
  return atEnd(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
}

/** What was started, to be ended in the opposite order. */
export class Started {
  readonly #ends: (() => Promise<unknown>)[] = [];

  /** Remembers how to end something, and gives it. */
  add<T>(thing: T, end: (thing: T) => Promise<unknown>): T {
    this.#ends.push(() => end(thing));
    return thing;
  }

  /** Ends all of it; what cannot be ended does not keep the rest. */
  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end().catch(() => undefined);
  }
}
