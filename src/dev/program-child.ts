import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** How to start this program once more as a child. */
export interface ProgramChildOptions {
  /** For messages: `worker`. */
  name: string;
  mainFile: string;
  /** The command and its options. */
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Told each line that the child writes. */
  onLine: (line: string) => void;
  readyWithinMs?: number;
}

/** This program as a child process; it ends by itself when this process is gone, whatever it died of. */
export interface ProgramChild {
  name: string;
  pid: number;
  /** Settles when the child is gone, with the reason in words. */
  ended: Promise<string>;
  /** Asks it to end a process group too, should this process be gone without a word. */
  entrust(pid: number): void;
  /** SIGTERM, after the given time SIGKILL; resolves when the child is gone. */
  stop(withinMs?: number): Promise<void>;
}

/** The child could not do its work; the message holds its last words. */
export class ProgramChildError extends Error {
  override readonly name = 'ProgramChildError';
}

const tailLines = 12;
const defaultReadyWithinMs = 60_000;
const defaultStopWithinMs = 15_000;

/**
 * Starts this program again, as it runs now (from sources or built), and resolves once the child says that it works.
 * @throws ProgramChildError where it ends before, or does not get ready in time.
 */
export async function startProgramChild(options: ProgramChildOptions): Promise<ProgramChild> {
  const { name, mainFile, args, env, onLine } = options;
  const child = spawn(process.execPath, [...process.execArgv, mainFile, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own, so that Ctrl-C reaches it only through this process, which stops things in order.
    detached: process.platform !== 'win32',
  });
  const tail: string[] = [];
  const read = (stream: Readable) =>
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      onLine(line);
    });
  if (child.stdout !== null) read(child.stdout);
  if (child.stderr !== null) read(child.stderr);
  const ended = endOf(child);
  const running: ProgramChild = {
    name,
    pid: child.pid ?? 0,
    ended,
    entrust: (pid) => void child.send({ ward: pid }),
    stop: (withinMs = defaultStopWithinMs) => stopChild(child, ended, withinMs),
  };
  // One that still starts may not be listening yet.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const failure = await firstOf(readyOf(child), ended, options.readyWithinMs ?? defaultReadyWithinMs);
  process.off('exit', kill);
  if (failure === null) return running;
  await running.stop(0);
  throw new ProgramChildError(`The ${name} ${failure}. Its last words:\n${tail.join('\n') || '(none)'}`);
}

function readyOf(child: ChildProcess): Promise<null> {
  return new Promise((resolve) => {
    child.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'ready' in message) resolve(null);
    });
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once('close', (code, signal) => {
      resolve(`ended with ${signal ?? `exit code ${String(code)}`}`);
    });
  });
}

async function firstOf(ready: Promise<null>, ended: Promise<string>, withinMs: number): Promise<string | null> {
  const patience = new AbortController();
  const late = delay(withinMs, `was not ready within ${String(withinMs / 1000)} s`, { signal: patience.signal });
  try {
    return await Promise.race([ready, ended, late]);
  } finally {
    patience.abort();
    late.catch(() => undefined);
  }
}

async function stopChild(child: ChildProcess, ended: Promise<string>, withinMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(timer);
}
