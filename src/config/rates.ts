import { z } from 'zod';
import type { Provider, RateLimit } from '../providers/provider.ts';
import { providers, type ProviderName } from '../providers/registry.ts';

/** How often each key may be used, by provider and alias, where that was set. */
export type Rates = Record<ProviderName, ReadonlyMap<string, RateLimit>>;

const windowsMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;
const expected = 'expected so many requests a second, minute or hour, for instance 600/m or 10/s';

/** Reads a rate as it is written in the environment: `600/m`. */
export const rate = z
  .string()
  .regex(/^[1-9]\d{0,6}\/[smh]$/, expected)
  .transform((value): RateLimit => {
    const [requests = '', window = 's'] = value.split('/');
    return { requests: Number(requests), perMs: windowsMs[window as keyof typeof windowsMs] };
  });

/** Writes a rate as `rate` reads it. */
export function formatRate({ requests, perMs }: RateLimit): string {
  const window = Object.entries(windowsMs).find(([, ms]) => ms === perMs)?.[0] ?? 's';
  return `${String(requests)}/${window}`;
}

/** The rate of a key: its own, that of all keys of the provider, or the published one; `undefined` where there is none. */
export function findRate(rates: Rates, provider: ProviderName, alias: string): RateLimit | undefined {
  const set = rates[provider];
  const { rateLimit }: Provider = providers[provider];
  return set.get(alias) ?? set.get('default') ?? rateLimit;
}
