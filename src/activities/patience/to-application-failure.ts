import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { ZodError } from 'zod';
import type { FailureType } from '../../contract/failures.ts';
import { ProviderError, type ProviderErrorKind } from '../../providers/connection/provider-error.ts';
import { redact } from '../../http/redact.ts';
import { backOffDelayMs } from '../../polling/back-off.ts';
import { ResultStoreError } from '../../results/result-store-error.ts';
import { SourceError } from '../../upload/source-error.ts';

/** How a kind of provider error crosses into Temporal. */
export interface FailureRule {
  type: FailureType;
  /** How many attempts may see it before it is final; `Infinity` leaves it to the deadline. */
  attempts: number;
}

/** The table from what went wrong with a request to the failure that Temporal records. */
export const failureRules: Readonly<Record<ProviderErrorKind, FailureRule>> = {
  unavailable: { type: 'ProviderUnavailable', attempts: Infinity },
  'rate-limited': { type: 'RateLimited', attempts: Infinity },
  'unexpected-response': { type: 'UnexpectedResponse', attempts: Infinity },
  // Each attempt comes with a fresh URL: one that is refused too has not merely expired.
  'storage-refused': { type: 'ProviderUnavailable', attempts: 5 },
  'credential-refused': { type: 'CredentialRejected', attempts: 5 },
  'configuration-refused': { type: 'CredentialRejected', attempts: 1 },
  'not-found': { type: 'JobNotFound', attempts: 3 },
  conflict: { type: 'RequestRejected', attempts: 1 },
  'too-large': { type: 'UnexpectedResponse', attempts: 1 },
  rejected: { type: 'RequestRejected', attempts: 1 },
};

/** How long to wait after an error before the next attempt, in milliseconds: as the provider asks, else back-off. */
export function retryDelayMs(
  error: { retryAfterMs?: number | undefined; kind?: ProviderErrorKind },
  consecutive: number,
  pace: { timeScale: number; random: () => number },
): number {
  // A second or two of spread, so that all who were told the same moment do not come back at it together.
  if (error.retryAfterMs !== undefined) return error.retryAfterMs + 250 + (1000 * pace.random()) / pace.timeScale;
  // Refusals of a key are given about two minutes in all, in case a key is just being rotated.
  if (error.kind === 'credential-refused') return (30_000 * (0.8 + 0.4 * pace.random())) / pace.timeScale;
  return backOffDelayMs(consecutive, pace.random, { floorMs: 500 }) / pace.timeScale;
}

/** Makes a failure of ours without a stack: stacks cost history and tell users nothing. */
export function createFailure(options: {
  type: FailureType;
  message: string;
  nonRetryable?: boolean;
  nextRetryDelayMs?: number;
  benign?: boolean;
  details?: unknown[];
}): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: options.type,
    message: options.message,
    nonRetryable: options.nonRetryable ?? false,
    ...(options.nextRetryDelayMs === undefined ? {} : { nextRetryDelay: Math.ceil(options.nextRetryDelayMs) }),
    ...(options.benign === true ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(options.details === undefined ? {} : { details: options.details }),
  });
  failure.stack = '';
  return failure;
}

/**
 * Turns whatever an activity threw into the failure that Temporal records: provider errors by the table, sources
 * and the result store by their own types, anything else as it is but redacted.
 */
export function toApplicationFailure(
  error: unknown,
  attempt: number,
  pace: { timeScale: number; random: () => number },
): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof ProviderError) {
    const rule = failureRules[error.kind];
    return createFailure({
      type: rule.type,
      message: error.message,
      nonRetryable: attempt >= rule.attempts,
      nextRetryDelayMs: retryDelayMs(error, attempt, pace),
    });
  }
  if (error instanceof SourceError) {
    return createFailure({
      type: 'SourceUnreadable',
      message: redact(error.message),
      nonRetryable: !error.retryable,
      nextRetryDelayMs: retryDelayMs({}, attempt, pace),
    });
  }
  if (error instanceof ResultStoreError) {
    return createFailure({
      type: 'ResultStoreFailed',
      message: redact(error.message),
      nonRetryable: attempt >= 10,
      nextRetryDelayMs: retryDelayMs({}, attempt, pace),
    });
  }
  if (error instanceof ZodError) {
    const faults = error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
    return createFailure({ type: 'InvalidInput', message: redact(faults.join('; ')), nonRetryable: true });
  }
  return cleanError(error);
}

// The message stands in the stack too, and a cause has words of its own: only the frames are kept.
function cleanError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(redact(String(error)));
  const clean = new Error(redact(error.message));
  clean.name = error.name;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  clean.stack = [`${clean.name}: ${clean.message}`, ...frames].join('\n');
  return clean;
}
