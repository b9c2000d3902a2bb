#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { isChild } from './child-process.ts';
import { exitCodes } from './exit-codes.ts';
import { runCommandLine } from './run-command-line.ts';
import { endProgram, tolerateLostOutput } from './standard-streams.ts';

async function loadEnvironment(): Promise<NodeJS.ProcessEnv> {
  // A child gets its whole environment from its parent, which may have left real keys out on purpose.
  if (isChild()) return process.env;
  try {
    process.loadEnvFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return process.env;
    process.stderr.write(`.env cannot be read; correct it or take it away: ${String(error)}\n`);
    return endProgram(exitCodes.wrongUsage);
  }
  return process.env;
}

tolerateLostOutput();

const context = { environment: await loadEnvironment(), cwd: process.cwd(), mainFile: fileURLToPath(import.meta.url) };

await endProgram(await runCommandLine(process.argv.slice(2), context));
