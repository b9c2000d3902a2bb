import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from './clean-up.ts';

/** A process that is measured; it does not outlive this one. */
export interface MeasuredProcess {
  pid: number;
  /** Ends it at once, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** A file of bench/ in a process of its own that answers questions; see `answerParent`. */
export interface Child extends MeasuredProcess {
  /** What the child gave when it was ready. */
  ready: unknown;
  /** Asks one of its questions; rejects where the child's answer is an error, or the child ends. */
  ask(question: string, input?: unknown): Promise<unknown>;
}

interface ChildMessage {
  ready?: unknown;
  id?: number;
  answer?: unknown;
  error?: string;
}

const quiet = {
  PATH: process.env['PATH'],
  // What is compiled must not count as a temporary file of the contender.
  TSX_DISABLE_CACHE: '1',
  // What is deprecated in a contender is not our question.
  NODE_NO_WARNINGS: '1',
};

/** Starts a program whose output is of interest only where it fails. */
export function spawnMeasured(path: string, args: readonly string[], env: NodeJS.ProcessEnv, withIpc = false) {
  const child = spawn(path, args, {
    env,
    stdio: ['ignore', 'ignore', 'inherit', ...(withIpc ? (['ipc'] as const) : [])],
  });
  const forget = atEnd(() => child.kill('SIGKILL'));
  const gone = once(child, 'exit').then(forget, forget);
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  return { child, pid: child.pid ?? 0, gone, kill };
}

/** Starts a file of bench/, given by its URL, and waits until it answers. */
export async function startChild(file: URL, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const args = [...process.execArgv, fileURLToPath(file)];
  const { child, pid, gone, kill } = spawnMeasured(process.execPath, args, { ...quiet, ...env }, true);
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  void gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${fileURLToPath(file)} has ended`));
  });
  const ready = await readyOf(child, gone, file, (message) => {
    const asker = waiting.get(message.id ?? -1);
    waiting.delete(message.id ?? -1);
    if (message.error === undefined) asker?.resolve(message.answer);
    else asker?.reject(new Error(message.error));
  });
  let asked = 0;
  const ask = (question: string, input?: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      asked += 1;
      waiting.set(asked, { resolve, reject });
      child.send({ id: asked, question, input });
    });
  return { pid, kill, ready, ask };
}

function readyOf(
  child: ChildProcess,
  gone: Promise<unknown>,
  file: URL,
  onAnswer: (message: ChildMessage) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    void gone.then(() => {
      reject(new Error(`${fileURLToPath(file)} ended before it was ready`));
    });
    child.on('message', (message: ChildMessage) => {
      if ('ready' in message) resolve(message.ready);
      else onAnswer(message);
    });
  });
}

/** In a child: answers the parent's questions from now on, and ends with the parent. */
export function answerParent(answers: Record<string, (input: never) => unknown>, ready: unknown = null): void {
  process.on('message', (message: { id: number; question: string; input: never }) => {
    void (async () => {
      const { id, question, input } = message;
      try {
        const answer = await answers[question]?.(input);
        process.send?.({ id, answer: answer ?? null });
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
      }
    })();
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready });
}
