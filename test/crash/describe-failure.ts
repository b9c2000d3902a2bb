import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** The type and the words of the failure that a workflow ended with. */
export function describeFailure(error: unknown): { type: string; text: string } {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  const type = cause instanceof ApplicationFailure ? (cause.type ?? 'untyped') : 'unknown';
  return { type, text: `${type}: ${cause instanceof Error ? cause.message : String(cause)}` };
}
