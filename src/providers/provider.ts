import type { z } from 'zod';
import type { Phase, Progress, ProviderTimestamps } from '../snapshot.ts';
import type { PollLimits, ProcessingTime } from '../polling/poll-plan.ts';
import type { ProviderErrorKind } from './connection/provider-error.ts';
import type { MediaFormat } from '../upload/media-format.ts';

/** What one answer of a status endpoint says, before it is joined with id and time of the look. */
export interface Reading {
  status: string;
  /** `null` where the status is a word that nobody knows and nothing else in the body tells. */
  phase: Phase | null;
  recognised: boolean;
  progress: Progress | null;
  message: string | null;
  timestamps: ProviderTimestamps;
  /** True where the job will not go on without us, for instance because chunks must be sent again. */
  needsAttention?: boolean;
  /** The provider's own estimate of how long the job takes, where it gives one. */
  processingTime?: ProcessingTime;
}

/** Something at a provider that has a status and can be asked for it by id. */
export interface Resource {
  /** The operation in words, for messages: `read the Tiro voice-file job`. */
  readonly title: string;
  /** What an id must look like before it goes into a path. */
  readonly id: z.ZodType<string>;
  /** The status endpoint's path below the provider's base URL. */
  path(id: string): string;
  /** Every status word of the provider's documentation, and the phase it means. */
  readonly statuses: Readonly<Record<string, Phase>>;
  /** Reads a response body; throws `z.ZodError` where what we steer by is missing. */
  read(body: unknown): Reading;
  /** True where the provider is known to take a phase back. */
  readonly allowsBackwards?: boolean;
  /** Where it stands why files failed, for a status that only counts them. */
  readonly reasons?: {
    path(id: string): string;
    readonly query: Readonly<Record<string, string | number>>;
    /** Puts a body into words; `null` where it gives no reason. */
    read(body: unknown): string | null;
  };
  readonly polling: PollLimits;
  /** Whether the parts that are done tell how long the rest will take. */
  readonly progressTellsPace?: true;
}

/** What a provider's error body says. */
export interface ErrorWords {
  code?: string;
  message?: string;
}

/** The full course of a job at a provider, where there is more to it than following a status. */
export interface Lifecycle {
  /**
   * Validates what a caller gives; strict, so that a mistyped option is named. What it reads has the defaults filled in
   * and is one form for all ways of writing the same: by it, never by what was written, two inputs are compared.
   */
  readonly input: z.ZodObject &
    z.ZodType<{
      source: string | string[];
      mediaType?: string | undefined;
      durationSeconds?: number | undefined;
      deadline?: number | undefined;
    }>;
  /** The resource whose end is the job's end. */
  readonly resource: string;
  /** What a job makes at the provider on its way, in order; what is not among it only asks or changes. */
  readonly makes: readonly Making[];
  /** What the provider takes; media that is known to be past it is refused before anything is sent. */
  readonly limits: SourceLimits;
  /** How long a job of so much media is likely to take; `null` where the provider says nothing beforehand. */
  processingTime(durationSeconds: number | null): ProcessingTime | null;
  /** The deadline where the caller gives none: never shorter than for media of unknown length, which may be a guess. */
  defaultDeadlineMs(durationSeconds: number | null): number;
}

/** Something that a job makes at the provider, and what making it once more would mean. */
export interface Making {
  /** The activity that makes it. */
  activity: string;
  /** In plain words, for instance `upload session`. */
  what: string;
  /** Whether one that was made already, and whose answer was lost, is found and used. */
  isFoundAgain?: true;
  /** Whether a second one would be paid for: it is not made where the first may be there and cannot be found. */
  isPaid?: true;
}

/** What a provider accepts as media. */
export interface SourceLimits {
  maxBytes?: number;
  /** Holds for a length that the caller gives; one that was read from a header may be a guess, and refuses nothing. */
  maxDurationSeconds?: number;
  /** Absent where the provider publishes none. */
  formats?: readonly MediaFormat[];
  /** Whether files are sent in parts, each read on its own. */
  inParts?: boolean;
  /** How many files one job may hold; 1 unless given. */
  maxFiles?: number;
}

/** So many requests may be made in any span of so long. */
export interface RateLimit {
  requests: number;
  perMs: number;
}

/** Everything we know about one service. */
export interface Provider {
  /** As people write it. */
  readonly title: string;
  readonly defaultBaseUrl: string;
  /** The headers that carry a key. */
  authorize(key: string): Record<string, string>;
  /** The published limit per key, where there is one. */
  readonly rateLimit?: RateLimit;
  readonly resources: Readonly<Record<string, Resource>>;
  /** What only the lifecycle waits for on its way; nobody tracks it by id. */
  readonly stepResources?: Readonly<Record<string, Resource>>;
  readonly defaultResource: string;
  /** Reads an error body; `undefined` fields where it says nothing. */
  readError(body: unknown): ErrorWords;
  /** What an error code of a 4xx means, where it says more than the HTTP status. */
  readonly errorCodes?: Readonly<Record<string, ProviderErrorKind>>;
  /** Whether a body that came with 200, and is not the answer that was asked for, is an error. */
  findHiddenError?(body: unknown): (ErrorWords & { notFound: boolean }) | null;
  readonly lifecycle?: Lifecycle;
  /** What of ours can be removed there, in words: by a sweep, and of jobs that are done and stored by a retention. */
  readonly cleans?: { readonly sweep?: string; readonly retention?: string };
}
