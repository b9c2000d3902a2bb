import type { TrafficObserver } from '../../http/agents.ts';
import { ProviderError } from './provider-error.ts';

/** Makes a request and tells the observer how it ended. */
export async function countedRequest<T>(
  observer: TrafficObserver | undefined,
  operation: string,
  request: () => Promise<T>,
): Promise<T> {
  try {
    const answer = await request();
    observer?.ended(operation, 'ok');
    return answer;
  } catch (error) {
    observer?.ended(operation, outcomeOf(error));
    throw error;
  }
}

/** What counts a request that failed: what was wrong, or that we broke it off. */
export function outcomeOf(error: unknown): string {
  return error instanceof ProviderError ? error.kind : 'broken-off';
}
