import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { lifecycleStart } from '../contract/start-requests.ts';
import type { LifecycleInputs, LifecycleProvider } from '../providers/lifecycle-inputs.ts';
import { checkLifecycleInput, checkStart, type CheckedInput } from './check-input.ts';
import type { StartOptions } from './start-options.ts';
import { startWords } from './start-words.ts';
import type { QueuedStart } from './start-workflow.ts';

/** A job as somebody wants it. */
export interface WantedJob<P extends LifecycleProvider> {
  provider: P;
  given: LifecycleInputs[P];
  options: StartOptions;
  taskQueue: string;
}

/**
 * How a wanted job is started; under a random key where none is given.
 * @throws InvalidInputError with every wrong field.
 */
export function jobRequest<P extends LifecycleProvider>(
  client: Client,
  { provider, given, options, taskQueue }: WantedJob<P>,
): { request: QueuedStart; canonical: CheckedInput<unknown>['canonical'] } {
  const { key = randomUUID(), priority } = checkStart(options);
  const { input, deadlineMs, canonical } = checkLifecycleInput(client, provider, given);
  const request = lifecycleStart({ provider, input, key, deadlineMs, words: startWords(provider, deadlineMs) });
  return { request: { ...request, taskQueue, priority }, canonical };
}
