import { CancellationScope, log } from '@temporalio/workflow';
import { readFailureFacts } from './failure-facts.ts';

/** Deletes at the provider what is stored by now; gives back `null`, or why it is still there, which fails nothing. */
export async function deleteCollected(what: string, remove: () => Promise<void>): Promise<string | null> {
  try {
    await remove();
    return null;
  } catch (error) {
    const facts = readFailureFacts(error);
    if (CancellationScope.current().consideredCancelled || facts === null) throw error;
    log.warn(`The results are stored, but the ${what} could not be deleted`, { reason: facts.message });
    return `The results are stored, but the ${what} could not be deleted: ${facts.message}`.slice(0, 300);
  }
}
