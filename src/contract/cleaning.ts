import type { ProviderName } from '../providers/registry.ts';
import type { FailureType } from './failures.ts';

/** What is cleaned: what lost jobs left behind, or what jobs that are done and stored made. */
export type CleaningKind = 'sweep' | 'retention';

/**
 * What became of one thing at a provider:
 * - `removed`, or in a dry run `would-be-removed`;
 * - `gone`: it was not there any more;
 * - `in-use`: the provider says that something refers to it, and keeps it;
 * - `used`: it has become a result, or is on its way to one;
 * - `open`: its job, or somebody who tracks it, has not ended;
 * - `young`: not yet as old as was asked for;
 * - `not-stored`: not all of its results are in the result store;
 * - `foreign`: it bears no marker of a job that is known here.
 */
export const cleaningFates = [
  'removed',
  'would-be-removed',
  'gone',
  'in-use',
  'used',
  'open',
  'young',
  'not-stored',
  'foreign',
] as const;

/** What became of one thing at a provider. */
export type CleaningFate = (typeof cleaningFates)[number];

/** What a `sweep` takes. */
export interface SweepInput {
  /** Where to look; at these is something that can be swept. */
  providers: ProviderName[];
  /** Aliases of the keys, an account each, at most 10; `default` where none is given. */
  credentials?: string[] | undefined;
  /** How long a job must have been closed for what it left to be removed, a duration or milliseconds; default 24 hours. */
  olderThan?: string | number | undefined;
  /** Whether anything is removed; without it a sweep only says what it would remove. */
  delete?: boolean | undefined;
}

/** What a `retention` takes. */
export interface RetentionInput {
  /** Where to remove; these let us. */
  providers: ProviderName[];
  /** How long ago a job must have ended, a duration or milliseconds. */
  olderThan: string | number;
  /** Whether anything is removed; without it a run only says what it would remove. */
  delete?: boolean | undefined;
}

/** One account to be cleaned, for the activity. */
export interface CleanInput {
  provider: ProviderName;
  /** Absent for a retention, which takes the credential that each job was made with. */
  credential?: string | undefined;
  olderThan?: string | number | undefined;
  delete?: boolean | undefined;
}

/** Something at a provider that was removed, would be, or could not be. */
export interface CleanedThing {
  /** For instance `upload`, as the provider's module calls it. */
  resource: string;
  /** The provider's id. */
  id: string;
  /** The job that made it. */
  workflowId: string;
  fate: CleaningFate;
  /** `null` where the provider does not tell. */
  sizeBytes: number | null;
  /** Since it was made; where the provider does not tell, since its job had ended. */
  ageSeconds: number;
}

/** How many things are named for each account. */
export const mostThings = 50;

/** What was found and done. */
export interface CleaningTally {
  counts: Record<CleaningFate, number>;
  /** Of what was removed, or would be, as far as the provider tells. */
  bytes: number;
  /** Of the same, the oldest; 0 where there is none. */
  oldestSeconds: number;
  /** What was removed, would be, or could not be; at most 50. */
  things: CleanedThing[];
  /** How many of them are not listed. */
  unlisted: number;
}

/** What cleaning one account, or for a retention one provider, came to. */
export interface CleanedPart extends CleaningTally {
  provider: ProviderName;
  /** `null` for a retention. */
  credential: string | null;
  /** Why it was not done to its end; then the counts are 0, though something may have been removed. */
  failure: { type: FailureType; message: string } | null;
}

/** What a `sweep` or `retention` came to. Where a part failed, its workflow fails with this in the failure's details. */
export interface CleaningResult {
  /** False for a dry run. */
  deletes: boolean;
  parts: CleanedPart[];
}

/** A tally of nothing. */
export function emptyCleaning(): CleaningTally {
  const counts = Object.fromEntries(cleaningFates.map((fate) => [fate, 0])) as Record<CleaningFate, number>;
  return { counts, bytes: 0, oldestSeconds: 0, things: [], unlisted: 0 };
}
