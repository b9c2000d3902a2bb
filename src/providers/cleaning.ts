import type { ProviderConnection } from './connection/provider-connection.ts';

/** Something that bears a marker of our form and is no result, as far as a list shows. */
export interface Leftover {
  /** The provider's id. */
  id: string;
  /** As the provider's module calls it. */
  resource: string;
  /** 16 characters; whose it is, only those tell who know their jobs. */
  marker: string;
  /** `null` where the provider does not tell; the same holds for the time, ISO 8601. */
  sizeBytes: number | null;
  createdAt: string | null;
}

/** A job whose results are stored. */
export interface StoredJob {
  /** The provider's id of the job, and all that it gave out on the way, by its own field names. */
  jobId: string;
  ids: Readonly<Record<string, string>>;
  /** One of these is in what the job made. */
  markers: readonly string[];
}

/** Something that may go. */
export interface Removable {
  sizeBytes: number | null;
  createdAt: string | null;
  /** Removes it; what is gone by then counts as removed. `in-use`: the provider keeps it, since something refers to it. */
  remove(): Promise<'removed' | 'in-use'>;
}

/** What a closer look found: that it may go, or why there is nothing to be done. */
export type Look = Removable | 'gone' | 'used' | 'foreign';

/** How a provider is cleaned. Nothing here knows of jobs that are open: whoever calls it does. */
export interface Cleaning {
  /** What can be left behind by a job that was lost. */
  leftovers?: {
    list(connection: ProviderConnection, signal: AbortSignal): Promise<Leftover[]>;
    /** Asks once more, right before it is removed. */
    look(connection: ProviderConnection, leftover: Leftover, signal: AbortSignal): Promise<Look>;
  };
  /** What a job made that is done and stored. */
  stored?(connection: ProviderConnection, job: StoredJob, signal: AbortSignal): Promise<Look>;
}

/** Whether a text has the form of our marker. */
export function hasMarkerForm(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{16}$/.test(text);
}
