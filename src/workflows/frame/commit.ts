import { CancellationScope, CancelledFailure, patched } from '@temporalio/workflow';

/** Ends the lifecycle here if its cancellation was asked for meanwhile. */
export function throwIfCancelled(): void {
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('Workflow cancelled');
}

/**
 * A scope that only its own `cancel` ends. A plain one within a non-cancellable scope is shielded by a flag of the SDK
 * that a history tells of, and one from before this scope was there tells of none.
 */
class ShieldedScope extends CancellationScope {
  readonly #end: (reason: CancelledFailure) => void;
  #isCancelled = false;

  constructor() {
    super();
    this.#end = this.reject;
    // What comes down from the scopes around this one ends here.
    Object.defineProperty(this, 'reject', { value: () => undefined });
  }

  // The SDK's own answer starts as that of the scope around: one cancelled before the step began would bar the step.
  override get consideredCancelled(): boolean {
    return this.#isCancelled;
  }

  override cancel(): void {
    this.#isCancelled = true;
    this.#end(new CancelledFailure('Cancellation scope cancelled'));
  }
}

/**
 * Runs a step that makes something at the provider, hands what it made to `record`, and only then looks whether the
 * workflow was cancelled: an attempt in flight ends and its id is kept, a pause between two attempts ends at once.
 */
export async function commit<T>(step: () => Promise<T>, record: (made: T) => void): Promise<T> {
  const outer = CancellationScope.current();
  const made = await CancellationScope.nonCancellable(async () => {
    const scope = new ShieldedScope();
    let isUnderWay = true;
    outer.cancelRequested.catch(() => {
      // Asked only when it matters: histories in which nobody cancelled are the same with and without the patch.
      if (isUnderWay && patched('cancel-reaches-creates')) scope.cancel();
    });
    try {
      return await scope.run(step);
    } finally {
      isUnderWay = false;
    }
  });
  record(made);
  throwIfCancelled();
  return made;
}
