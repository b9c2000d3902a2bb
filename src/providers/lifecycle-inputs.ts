import type { z } from 'zod';
import type { Lifecycle } from './provider.ts';
import type { ProviderName, providers } from './registry.ts';

type Providers = typeof providers;

/** What each provider's lifecycle takes, as callers write it; a provider that is only tracked has none. */
export type LifecycleInputs = {
  [P in ProviderName as Providers[P] extends { lifecycle: Lifecycle } ? P : never]: z.input<
    Providers[P] extends { lifecycle: { input: infer I extends z.ZodType } } ? I : never
  >;
};

/** A provider whose jobs we can drive from the file to the results. */
export type LifecycleProvider = keyof LifecycleInputs;
