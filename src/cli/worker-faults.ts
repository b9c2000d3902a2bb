import type { Logger } from 'pino';
import { redact } from '../http/redact.ts';

/** The words by which the log tells of an error that nobody caught. */
export const uncaughtWords = 'An error that nobody caught';

/** Errors of this process that nobody caught, which would end it in the midst of its jobs. */
export interface WorkerFaults {
  /** Resolves at the first, with what it was in words. */
  first: Promise<string>;
  count(): number;
}

/** The worker met an error that nobody caught and has drained; it ends with an exit code of its own. */
export class WorkerFaultError extends Error {
  override readonly name = 'WorkerFaultError';
}

/** What may be kept of an error: its words without secrets, and where it came from. */
function describe(error: unknown, secrets: readonly string[]) {
  if (!(error instanceof Error)) return { type: typeof error, message: redact(String(error), secrets), stack: '' };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return { type: error.name, message: redact(error.message, secrets), stack: frames.join('\n') };
}

/** Logs and counts uncaught errors and rejections of this process from now on, in place of its end. */
export function watchWorkerFaults(log: Logger, secrets: readonly string[]): WorkerFaults {
  let count = 0;
  let tellFirst: (words: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => {
    tellFirst = resolve;
  });
  const note = (kind: string) => (thrown: unknown) => {
    count += 1;
    const error = describe(thrown, secrets);
    log.error({ kind, count, error }, uncaughtWords);
    tellFirst(`${uncaughtWords}: ${error.type}: ${error.message}`);
  };
  process.on('uncaughtException', note('uncaughtException')).on('unhandledRejection', note('unhandledRejection'));
  return { first, count: () => count };
}
