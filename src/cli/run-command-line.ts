import { CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { describeError, exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';

/** Carries out one command line and gives the exit code; what went wrong is on standard error, without a stack trace. */
export async function runCommandLine(words: readonly string[], context: CommandContext): Promise<number> {
  try {
    await (await createProgram(context, words)).parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.succeeded);
  } catch (error) {
    // Commander has printed what was wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.wrongUsage;
    const { exitCode, message } = describeError(error);
    process.stderr.write(`${message}\n`);
    return exitCode;
  }
}
