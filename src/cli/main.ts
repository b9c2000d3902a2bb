#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { isChild } from './child-process.ts';
import { exitCodes } from './exit-codes.ts';
import { runCommandLine } from './run-command-line.ts';

function loadEnvironment(): NodeJS.ProcessEnv {
  // A child gets its whole environment from its parent, which may have left real keys out on purpose.
  if (isChild()) return process.env;
  try {
    process.loadEnvFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return process.env;
    process.stderr.write(`.env cannot be read; correct it or take it away: ${String(error)}\n`);
    process.exit(exitCodes.wrongUsage);
  }
  return process.env;
}

// Whoever reads may leave early, as `head` does: what is begun goes on without a reader.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const context = { environment: loadEnvironment(), cwd: process.cwd(), mainFile: fileURLToPath(import.meta.url) };

// Not by `exitCode`: a long poll or a native thread that is left over must not keep the program alive.
process.exit(await runCommandLine(process.argv.slice(2), context));
