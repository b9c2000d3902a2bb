import type { ProviderName } from '../providers/registry.ts';

/** Workflows, and the activities of no provider. */
export const mainTaskQueue = 'provider-jobs';

/** A provider's short calls: create, submit, poll. */
export function callsTaskQueue(provider: ProviderName): string {
  return `${mainTaskQueue}-${provider}`;
}

/** A provider's long transfers: uploads and collects. */
export function transfersTaskQueue(provider: ProviderName): string {
  return `${mainTaskQueue}-${provider}-transfer`;
}
