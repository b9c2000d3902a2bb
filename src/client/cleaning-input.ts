import { z } from 'zod';
import { parseDurationMs } from '../polling/duration.ts';
import { credentialAlias } from '../providers/job-options.ts';
import type { Provider } from '../providers/provider.ts';
import { type ProviderName, providerNames, providers } from '../providers/registry.ts';

/** The providers at which something can be swept, or removed once it is stored. */
export function cleanedProviders(kind: 'sweep' | 'retention'): ProviderName[] {
  return providerNames.filter((name) => (providers[name] as Provider).cleans?.[kind] !== undefined);
}

const dayMs = 24 * 3_600_000;
// What a worker still does for a workflow that has just been terminated is over by then.
const shortestMs = 60_000;

const olderThan = z
  .union([z.string(), z.number()])
  .refine((written) => (parseDurationMs(written) ?? 0) >= shortestMs, {
    error: 'expected a duration of at least 1m, for instance 24h or 30d',
  })
  .transform((written) => parseDurationMs(written) ?? 0);

function someOf(kind: 'sweep' | 'retention') {
  const names = cleanedProviders(kind);
  const error = `expected one of ${names.join(', ')}: the others have nothing that can be removed so`;
  return z.array(z.enum(names as [ProviderName, ...ProviderName[]], { error })).min(1);
}

/** What a schedule of a sweep and its workflow take alike; reads `olderThan` as milliseconds. */
export const sweepOptions = {
  providers: someOf('sweep'),
  credentials: z.array(credentialAlias).min(1).max(10).default(['default']),
  olderThan: olderThan.default(dayMs),
  delete: z.boolean().default(false),
};

/** The same for a retention. */
export const retentionOptions = {
  providers: someOf('retention'),
  olderThan,
  delete: z.boolean().default(false),
};
