import type { Program } from './temporal-program.ts';

const heartbeatMs = 15_000;

/** How long to wait for a program and what to say meanwhile. */
export interface WaitReportingOptions {
  /** What goes on, as the start of a sentence. */
  what: string;
  limitMs: number;
  onProgress: (line: string) => void;
}

/**
 * Waits for a program to end well and says every 15 seconds how long it has been at it.
 * @throws Error when it ends otherwise or is stopped at the limit.
 */
export async function waitReporting(
  program: Program,
  { what, limitMs, onProgress }: WaitReportingOptions,
): Promise<void> {
  const startedMs = Date.now();
  const elapsedSeconds = () => String(Math.round((Date.now() - startedMs) / 1_000));
  const heartbeat = setInterval(() => {
    onProgress(`${what}, ${elapsedSeconds()} s so far.`);
  }, heartbeatMs);
  const limit = AbortSignal.timeout(limitMs);
  limit.addEventListener('abort', () => void program.stop());
  const fault = await program.ended.finally(() => {
    clearInterval(heartbeat);
  });
  if (limit.aborted) throw new Error(`stopped unfinished after ${elapsedSeconds()} s`);
  if (fault !== null) throw new Error([fault, program.stderrTail()].filter((part) => part !== '').join(': '));
}
