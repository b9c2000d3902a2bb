#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { isChild } from './child-process.ts';
import { runCommandLine } from './run-command-line.ts';

function loadEnvironment(): NodeJS.ProcessEnv {
  // A child gets its whole environment from its parent, which may have left real keys out on purpose.
  if (isChild()) return process.env;
  try {
    process.loadEnvFile();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return process.env;
}

const context = { environment: loadEnvironment(), cwd: process.cwd(), mainFile: fileURLToPath(import.meta.url) };

// Not by `exitCode`: a long poll or a native thread that is left over must not keep the program alive.
process.exit(await runCommandLine(process.argv.slice(2), context));
