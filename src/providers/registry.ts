import type { Provider } from './provider.ts';
import { slng } from './slng/slng.ts';
import { soket } from './soket/soket.ts';
import { tiro } from './tiro/tiro.ts';
import { twelvelabs } from './twelvelabs/twelvelabs.ts';

/** Every service we know. A new one is one line here; settings, queues and command line choices follow. */
export const providers = { soket, twelvelabs, tiro, slng } as const satisfies Record<string, Provider>;

/** A service's name, for instance `tiro`. */
export type ProviderName = keyof typeof providers;

/** The names, in the order of the registry. */
export const providerNames = Object.keys(providers) as ProviderName[];

/** Whether a word is a service's name. */
export function isProviderName(word: string): word is ProviderName {
  return Object.hasOwn(providers, word);
}
