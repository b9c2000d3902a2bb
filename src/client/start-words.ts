import type { StartWords } from '../contract/start-requests.ts';
import { formatDuration } from '../polling/duration.ts';
import { type ProviderName, providers } from '../providers/registry.ts';

/** What the Web UI is to say of a job at a provider. */
export function startWords(provider: ProviderName, deadlineMs: number): StartWords {
  return { title: providers[provider].title, limit: formatDuration(deadlineMs) };
}
