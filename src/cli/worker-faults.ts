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
function clean(thrown: unknown, secrets: readonly string[]): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const kept = new Error(redact(error.message, secrets));
  kept.name = error.name;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  kept.stack = [`${kept.name}: ${kept.message}`, ...frames].join('\n');
  return kept;
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
    const error = clean(thrown, secrets);
    log.error({ kind, count, error }, uncaughtWords);
    tellFirst(`${uncaughtWords}: ${error.name}: ${error.message}`);
  };
  process.on('uncaughtException', note('uncaughtException')).on('unhandledRejection', note('unhandledRejection'));
  return { first, count: () => count };
}
