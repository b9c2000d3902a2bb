import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside a test. */
export interface RunningProgram {
  /** Rejects with what it wrote when the program ends before it is stopped. */
  died: Promise<never>;
  /** Sends SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a program that is meant to run until it is stopped. */
export function startProgram(
  command: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): RunningProgram {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const died = ended.then(() => {
    throw new Error(`${command} ${args.join(' ')} ended:\n${output}`);
  });
  died.catch(() => undefined);
  return {
    died,
    async stop() {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}
