import type { ProviderName, providers } from '../providers/registry.ts';

type Providers = typeof providers;

/** Everything at the providers that has a status and an id, for instance `tiro.voice-file-job`. */
export type ResourceName = {
  [P in ProviderName]: `${P}.${keyof Providers[P]['resources'] & string}`;
}[ProviderName];

/** How a resource is followed. */
export interface TrackOptions {
  /** The alias of a key that the worker knows; `default` where none is given. */
  credential?: string | undefined;
  /** A duration such as `10m`, or milliseconds; 24 hours where none is given. */
  deadline?: string | number | undefined;
  /** `phases` (default) records every change in the history, `terminal` only the end. */
  observe?: 'phases' | 'terminal' | undefined;
  /** Stores the results of a job that succeeded, and `outcome.json` at every end. */
  collect?: boolean | undefined;
  /** With `collect` at Tiro: the translations that are stored too; whoever created the job knows them. */
  translationLocales?: string[] | undefined;
  /** Workflow ids that get a `jobFinished` signal at the end. */
  notify?: string[] | undefined;
  /** 1 goes first, 5 last; 3 where none is given. */
  priority?: number | undefined;
}
