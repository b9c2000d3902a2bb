import type { ProviderName } from '../providers/registry.ts';

/** Workflows, and the activities of no provider. */
export const mainTaskQueue = 'provider-jobs';

/** A provider's short calls: create, submit, poll. */
export function callsTaskQueue(provider: ProviderName): string {
  return `${mainTaskQueue}-${provider}`;
}

/** A provider's uploads. */
export function transfersTaskQueue(provider: ProviderName): string {
  return `${mainTaskQueue}-${provider}-transfer`;
}

/** A provider's results on their way to the result store; apart from uploads, so that they never wait behind them. */
export function collectsTaskQueue(provider: ProviderName): string {
  return `${mainTaskQueue}-${provider}-collect`;
}
