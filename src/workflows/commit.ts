import { CancellationScope, CancelledFailure } from '@temporalio/workflow';

/** Ends the lifecycle here if its cancellation was asked for meanwhile. */
export function throwIfCancelled(): void {
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('Workflow cancelled');
}

/**
 * Runs a step that makes something at the provider to its end whatever happens, hands what it made to `record`, and
 * only then looks whether the workflow was cancelled: a created job's id is never lost.
 */
export async function commit<T>(step: () => Promise<T>, record: (made: T) => void): Promise<T> {
  const made = await CancellationScope.nonCancellable(step);
  record(made);
  throwIfCancelled();
  return made;
}
