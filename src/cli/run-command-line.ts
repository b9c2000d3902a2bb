import { CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { describeError, exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';

/**
 * Carries out one command line and gives the exit code; what went wrong is on standard error, without a stack trace,
 * and with `--json` as the `failure` of one object on standard output.
 */
export async function runCommandLine(words: readonly string[], context: CommandContext): Promise<number> {
  try {
    await (await createProgram(context, words)).parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.succeeded);
  } catch (error) {
    // Commander has printed what was wrong, or the help that was asked for.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.succeeded;
    const { exitCode, type, message } = describeError(error);
    if (!(error instanceof CommanderError)) process.stderr.write(`${message}\n`);
    if (words.includes('--json')) process.stdout.write(`${JSON.stringify({ failure: { type, message } })}\n`);
    return exitCode;
  }
}
