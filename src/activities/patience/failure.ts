import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { FailureType } from '../../contract/failures.ts';
import { redact } from '../../http/redact.ts';

/**
 * Makes a failure of ours without a stack: stacks cost history and tell users nothing. That a job has not finished is
 * no error, and nobody is warned of it.
 */
export function createFailure(options: {
  type: FailureType;
  message: string;
  nonRetryable?: boolean;
  nextRetryDelayMs?: number;
  details?: unknown[];
}): ApplicationFailure {
  const { type, message, nonRetryable = false, nextRetryDelayMs, details } = options;
  const nextRetryDelay = nextRetryDelayMs === undefined ? undefined : Math.ceil(nextRetryDelayMs);
  const category = type === 'JobNotFinished' ? ApplicationFailureCategory.BENIGN : undefined;
  // Core ends the whole worker for half a character.
  const words = message.toWellFormed();
  const failure = new ApplicationFailure(words, type, nonRetryable, details, undefined, nextRetryDelay, category);
  failure.stack = '';
  return failure;
}

/** Refuses an input for good; the message names the field. */
export function refuse(message: string): never {
  throw createFailure({ type: 'InvalidInput', message, nonRetryable: true });
}

/** An error that is none of ours, redacted: the message stands in the stack too, and a cause has words of its own. */
export function cleanError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(redact(String(error)));
  const clean = new Error(redact(error.message));
  clean.name = error.name;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  clean.stack = [`${clean.name}: ${clean.message}`, ...frames].join('\n');
  return clean;
}
