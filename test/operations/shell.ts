import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { inject } from 'vitest';
import { findTemporalBinary } from '../../src/dev/temporal-binary.ts';
import { bareEnvironment } from '../cli/run-program.ts';

/** How a command line ended, and what it wrote to both streams, in order. */
export interface ShellEnd {
  exitCode: number;
  text: string;
}

/** Runs a command line in bash; a pipe ends as the first of its commands that fails. */
export type Shell = (command: string) => Promise<ShellEnd>;

const mostMs = 120_000;

/** Opens a shell that finds `provider-jobs`, as it is built, and `temporal`; it sees changes of the environment. */
export async function openShell(
  directory: string,
  programs: string,
  environment: Readonly<Record<string, string>>,
): Promise<Shell> {
  await mkdir(programs);
  const temporalCliPath = process.env['TEMPORAL_CLI_PATH'];
  const { path: temporal } = await findTemporalBinary({ env: process.env, temporalCliPath });
  const commands = { temporal: [temporal], 'provider-jobs': [process.execPath, inject('builtProgram')] };
  for (const [name, words] of Object.entries(commands)) {
    const line = words.map((word) => `'${word}'`).join(' ');
    await writeFile(join(programs, name), `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
  }
  const path = `${programs}${delimiter}${process.env['PATH'] ?? ''}`;
  return (command) =>
    new Promise((resolve, reject) => {
      const options = { env: { ...bareEnvironment(), ...environment, PATH: path }, cwd: directory, timeout: mostMs };
      execFile('bash', ['-o', 'pipefail', '-c', `exec 2>&1\n${command}`], options, (error, text) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ exitCode: code, text });
        else reject(new Error(`${command} did not end; it printed:\n${text}`, { cause: error }));
      });
    });
}
