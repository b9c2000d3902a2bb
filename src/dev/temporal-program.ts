import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const stderrTailCharacters = 4_000;
const stopGraceMs = 5_000;
const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What to run, in which environment, and the signal that ends it should this process die first. */
export interface ProgramOptions {
  path: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  lastSignal: 'SIGKILL' | 'SIGINT';
}

/** A child process that never outlives this one, short of this one's SIGKILL. */
export interface Program {
  pid: number | null;
  /** Settles once when the program is gone: null after exit code 0, else the reason in words. */
  ended: Promise<string | null>;
  /** The last 4,000 characters of standard error. */
  stderrTail(): string;
  /** Sends SIGTERM, after five seconds SIGKILL, and waits until the program is gone. */
  stop(): Promise<void>;
}

/** Starts a program in a process group of its own, so that Ctrl-C reaches it only through this process. */
export function startProgram({ path, args, env, lastSignal }: ProgramOptions): Program {
  const child = spawn(path, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  });
  watchOver(child, lastSignal);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrTailCharacters);
  });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      resolve(code === 0 ? null : `ended with ${signal ?? `exit code ${String(code)}`}`);
    });
  }).finally(() => {
    unwatch(child);
  });
  return {
    pid: child.pid ?? null,
    ended,
    stderrTail: () => stderr.trim(),
    async stop() {
      if (!watched.has(child)) return;
      signalGroup(child, 'SIGTERM');
      const patience = new AbortController();
      const timeUp = delay(stopGraceMs, 'time up', { signal: patience.signal }).catch(() => 'stopped');
      if ((await Promise.race([ended, timeUp])) === 'time up') signalGroup(child, 'SIGKILL');
      patience.abort();
      await ended;
    },
  };
}

const watched = new Map<ChildProcess, NodeJS.Signals>();

function watchOver(child: ChildProcess, lastSignal: NodeJS.Signals): void {
  if (watched.size === 0) {
    process.on('exit', endWatched);
    for (const signal of fatalSignals) process.on(signal, dieOfSignal);
  }
  watched.set(child, lastSignal);
}

function unwatch(child: ChildProcess): void {
  if (!watched.delete(child) || watched.size > 0) return;
  process.off('exit', endWatched);
  for (const signal of fatalSignals) process.off(signal, dieOfSignal);
}

function endWatched(): void {
  for (const [child, lastSignal] of watched) signalGroup(child, lastSignal);
}

function dieOfSignal(signal: NodeJS.Signals): void {
  // Any other listener means that somebody shuts down in an orderly way and still needs the program.
  if (process.listenerCount(signal) > 1) return;
  endWatched();
  process.off(signal, dieOfSignal);
  process.kill(process.pid, signal);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    // The group, as the path may be a wrapper script or a compiler driver with children of its own.
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is all that was wanted.
  }
}
