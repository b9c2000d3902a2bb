import { join } from 'node:path';
import { expect } from 'vitest';
import { makeWav } from '../setup/wav.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World, type WorldOptions } from '../setup/world.ts';
import { expectInRunbook, normalise } from './runbook-page.ts';
import { openShell, type ShellEnd } from './shell.ts';

/** How a command ends that is rehearsed. */
export interface Expected {
  /** Default 0. */
  exitCode?: number;
  /** What it has to print. */
  prints?: RegExp;
}

/** How the stack of an entry is set up. */
export interface RehearsalOptions extends WorldOptions {
  namespace: string;
  /** What else the page says in other words. */
  replace?: Record<string, string>;
}

/** An operator's shell beside a real stack: the very commands of the runbook, and what they print. */
export interface Rehearsal {
  world: World;
  /** What the shell and the workers have set. */
  environment: Record<string, string>;
  /** The directory of the shell, with `talk-1.wav` to `talk-3.wav`. */
  directory: string;
  /** Starts a worker in a process of its own, of the program as built or of another one. */
  startWorker: (program?: string) => Promise<WorkerProcess>;
  /** Runs a command line without showing it. */
  run: (command: string, expected?: Expected) => Promise<string>;
  /** Runs a command line, and shows it with what it printed and its exit code in a block of the page. */
  show: (block: string, command: string, expected?: Expected) => Promise<string>;
  /** Runs a command until it prints what is expected, then shows it. */
  showOnce: (block: string, command: string, expected: Required<Pick<Expected, 'prints'>> & Expected) => Promise<void>;
  /** Compares the page with what was shown. */
  expectInRunbook: () => Promise<void>;
  close: () => Promise<void>;
}

/** What the page says in place of what this run has. */
function replacements({ folder, namespace, simulator, environment }: World): Record<string, string> {
  return {
    [folder]: '/srv',
    [environment['TEMPORAL_ADDRESS'] ?? '']: 'temporal.example:7233',
    [simulator.url]: 'https://provider.example',
    ...(namespace === 'default' ? {} : { [namespace]: 'production' }),
    '/default/': '/production/',
    'namespace default': 'namespace production',
  };
}

function check(command: string, { exitCode, text }: ShellEnd, expected: Expected): string {
  expect({ command, exitCode, text }).toMatchObject({
    ...{ command, exitCode: expected.exitCode ?? 0 },
    text: expect.stringMatching(expected.prints ?? /^/) as string,
  });
  return text;
}

/** Starts a stack for one entry of the runbook, without a worker yet. */
export async function startRehearsal(name: string, options: RehearsalOptions): Promise<Rehearsal> {
  const world = await startWorld({ startWorker: false, timeScale: 20, ...options });
  const directory = join(world.folder, 'media');
  await Promise.all([1, 2, 3].map((n) => world.writeSource(`media/talk-${String(n)}.wav`, makeWav(20, n))));
  const environment = { ...world.environment, PROVIDER_JOBS_WEB_URL: 'https://temporal.example' };
  const end = await openShell(directory, join(world.folder, 'bin'), environment);
  const replace = { ...options.replace, ...replacements(world) };
  const blocks = new Map<string, string>();
  const workers: WorkerProcess[] = [];
  const write = (block: string, command: string, { exitCode, text }: ShellEnd) => {
    const lines = normalise(text, replace).trimEnd();
    const code = exitCode === 0 ? '' : `(exit code ${String(exitCode)})\n`;
    blocks.set(block, `${blocks.get(block) ?? ''}$ ${command}\n${lines === '' ? '' : `${lines}\n`}${code}`);
  };
  return {
    ...{ world, environment, directory },
    async startWorker(program) {
      const worker = await startWorkerProcess(environment, program === undefined ? {} : { program });
      workers.push(worker);
      return worker;
    },
    run: async (command, expected = {}) => check(command, await end(command), expected),
    async show(block, command, expected = {}) {
      const ended = await end(command);
      write(block, command, ended);
      return check(command, ended, expected);
    },
    async showOnce(block, command, expected) {
      const until = Date.now() + 60_000;
      let ended = await end(command);
      while (!expected.prints.test(ended.text) && Date.now() < until) ended = await end(command);
      check(command, ended, expected);
      write(block, command, ended);
    },
    expectInRunbook: () => expectInRunbook(name, blocks),
    async close() {
      await Promise.all(workers.map((worker) => worker.kill()));
      await world.close();
    },
  };
}
