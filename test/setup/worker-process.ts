import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { inject } from 'vitest';
import { uncaughtWords } from '../../src/cli/worker-faults.ts';
import { refuseCanaries } from './canaries.ts';
import { eventually } from './eventually.ts';

/** A worker in a process of its own, as users run it. */
export interface WorkerProcess {
  process: ChildProcess;
  /** What it has printed so far. */
  output: () => string;
  /** Ends it the hard way and waits until it is gone. */
  kill: () => Promise<void>;
  /** Asks it to drain and waits for its exit code. */
  drain: () => Promise<number | null>;
}

/**
 * Starts `provider-jobs worker`, as it is built or of another program, and resolves once `/readyz` says that every queue is
 * polled.
 */
export async function startWorkerProcess(
  environment: Record<string, string>,
  { cwd, program = inject('builtProgram') }: { cwd?: string; program?: string } = {},
): Promise<WorkerProcess> {
  const healthPort = String(20_000 + Math.floor(Math.random() * 12_000));
  const child = spawn(process.execPath, ['--enable-source-maps', program, 'worker'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...environment,
      PROVIDER_JOBS_HEALTH_PORT: healthPort,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    await once(child, 'exit');
    refuseCanaries('the output of a worker', output);
    // With the stack, which the error of the test then shows.
    const uncaught = output.split('\n').find((line) => line.includes(uncaughtWords));
    if (uncaught !== undefined) throw new Error(`a worker met an error that nobody caught: ${uncaught}`);
    return child.exitCode;
  };
  await eventually(
    'the worker process is ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`the worker process ended by itself:\n${output}`);
      const answer = await fetch(`http://127.0.0.1:${healthPort}/readyz`).catch(() => null);
      return answer?.ok;
    },
    60_000,
  );
  return {
    process: child,
    output: () => output,
    kill: async () => {
      await end('SIGKILL');
    },
    drain: () => end('SIGTERM'),
  };
}
