import { exitCodes } from './exit-codes.ts';

// What a pipe and a socket say whose reader has left, as `head` does.
const readerHasLeft = new Set(['EPIPE', 'ECONNRESET']);

const streams = () => [process.stdout, process.stderr];

let unwritten: NodeJS.ErrnoException | null = null;

/** Keeps the program at its work where what it writes goes nowhere: a reader that has left is no error at all. */
export function tolerateLostOutput(): void {
  for (const stream of streams()) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!readerHasLeft.has(error.code ?? '')) unwritten ??= error;
    });
  }
}

/**
 * Ends the program once everything is through to its readers, however slow they are; output that could not be written,
 * for instance to a full disk, turns success into exit code 1. Not by `exitCode`: a long poll or a native thread that
 * is left over must not keep the program alive.
 */
export async function endProgram(exitCode: number): Promise<never> {
  for (const stream of streams()) {
    // Called with an error, where there is one, and never left out.
    await new Promise<unknown>((resolve) => stream.write('', resolve));
  }
  if (unwritten === null || exitCode !== exitCodes.succeeded) process.exit(exitCode);
  process.stderr.write(`The output could not be written: ${unwritten.message}\n`, () =>
    process.exit(exitCodes.endedOtherwise),
  );
  return new Promise(() => undefined);
}
