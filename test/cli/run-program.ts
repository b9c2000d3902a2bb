import { spawn } from 'node:child_process';
import { inject } from 'vitest';

/** How the program ended, and what it wrote. */
export interface ProgramEnd {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** The environment of the tests without anything that the program would read. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(PROVIDER_JOBS_|TEMPORAL_|[A-Z]+_(BASE_URL|API_KEY))/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** Starts the command line, as it is built, in a process of its own. */
export function startProgram(args: readonly string[], environment: NodeJS.ProcessEnv = {}, cwd?: string) {
  const child = spawn(process.execPath, [inject('builtProgram'), ...args], {
    env: { ...bareEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, ...written });
    });
  });
  return { child, written, ended };
}

/** Runs the command line to its end. */
export function runProgram(
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
  cwd?: string,
): Promise<ProgramEnd> {
  return startProgram(args, environment, cwd).ended;
}

/** The last line of standard output as JSON. */
export function lastJson({ stdout }: ProgramEnd): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
