import type { ProviderName } from '../providers/registry.ts';

/** The stem of every queue unless another is chosen. */
export const defaultTaskQueue = 'provider-jobs';

/** A provider's short calls: create, submit, poll. The stem itself is for workflows and the activities of no provider. */
export function callsTaskQueue(stem: string, provider: ProviderName): string {
  return `${stem}-${provider}`;
}

/** A provider's uploads. */
export function transfersTaskQueue(stem: string, provider: ProviderName): string {
  return `${stem}-${provider}-transfer`;
}

/** A provider's results on their way to the result store; apart from uploads, so that they never wait behind them. */
export function collectsTaskQueue(stem: string, provider: ProviderName): string {
  return `${stem}-${provider}-collect`;
}
