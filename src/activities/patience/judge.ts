import { ZodError } from 'zod';
import type { FailureType } from '../../contract/failures.ts';
import type { ErrorRow } from '../../contract/messages.ts';
import { redact } from '../../http/redact.ts';
import { backOffDelayMs } from '../../polling/back-off.ts';
import { ProviderError } from '../../providers/connection/provider-error.ts';
import { ResultStoreError } from '../../results/result-store-error.ts';
import { SourceError } from '../../upload/source-error.ts';
import { type ErrorKind, isUsedUp, rules, type Stage } from './rules.ts';

/** By which clock and dice delays are made. */
export interface Pace {
  /** Divides every duration that is ours. */
  timeScale: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** When and where an error was met, and what came before it. */
export interface Circumstances {
  row: ErrorRow | null;
  attempt: number;
  stage: Stage;
  /** How long it may still be tried, in milliseconds. */
  leftMs: number;
  /** Whether the provider may have done what it was asked to all the same. */
  mayHaveHappened: boolean;
}

/** What an error means for the next attempt. */
export interface Verdict {
  type: FailureType;
  message: string;
  isFinal: boolean;
  /** How long to wait before the next attempt, milliseconds. */
  delayMs: number;
  /** The row with this error in it. */
  row: ErrorRow;
}

interface Facts {
  kind: ErrorKind;
  message: string;
  retryAfterMs?: number | undefined;
}

function factsOf(error: unknown): Facts | null {
  if (error instanceof ProviderError) return error;
  if (error instanceof SourceError) {
    return { kind: error.retryable ? 'source-unreadable' : 'source-refused', message: redact(error.message) };
  }
  if (error instanceof ResultStoreError) return { kind: 'result-store', message: redact(error.message) };
  if (error instanceof ZodError) {
    const faults = error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
    return { kind: 'invalid-input', message: redact(faults.join('; ')) };
  }
  return null;
}

const refusalPauseMs = 30_000;

function delayOf({ kind, retryAfterMs }: Facts, failures: number, { timeScale, random }: Pace): number {
  // A second or two of spread, so that all who were told the same moment do not come back at it together.
  if (retryAfterMs !== undefined) return retryAfterMs + 250 + (1000 * random()) / timeScale;
  if (kind === 'credential-refused' || kind === 'configuration-refused') {
    return (refusalPauseMs * (0.8 + 0.4 * random())) / timeScale;
  }
  return backOffDelayMs(failures, random, { floorMs: 500 }) / timeScale;
}

// The last tries before a deadline come close to it and never past it, where the server would end the activity at once.
const shareOfTheRest = 0.9;

/** The row of errors with one more in it. */
export function rowAfter(
  kind: string,
  words: string,
  { row: before, attempt, mayHaveHappened }: Pick<Circumstances, 'row' | 'attempt' | 'mayHaveHappened'>,
): ErrorRow {
  const isSame = before?.kind === kind;
  return {
    kind,
    count: isSame ? before.count + 1 : 1,
    sinceMs: isSame ? before.sinceMs : Date.now(),
    beganMs: before?.beganMs ?? Date.now(),
    failures: (before?.failures ?? 0) + 1,
    words,
    attempt,
    mayHaveHappened: mayHaveHappened || (before?.mayHaveHappened ?? false),
  };
}

/** Says what an error means for the next attempt; `null` for one that is none of ours. */
export function judge(error: unknown, circumstances: Circumstances, pace: Pace): Verdict | null {
  const facts = factsOf(error);
  if (facts === null) return null;
  const { kind, message } = facts;
  const { leftMs } = circumstances;
  // A 404 that is not in the provider's own form comes from something in front of it, which knows nothing of the job.
  const isForeign = kind === 'not-found' && error instanceof ProviderError && !error.isInOwnForm;
  const stage = circumstances.stage === 'unseen' && isForeign ? 'exists' : circumstances.stage;
  const { type } = rules[kind];
  const row = { ...rowAfter(kind, message, circumstances), type };
  return {
    type,
    message,
    isFinal: leftMs <= 0 || isUsedUp(kind, row, stage, Date.now(), pace.timeScale),
    delayMs: Math.max(1, Math.min(delayOf(facts, row.failures, pace), leftMs * shareOfTheRest)),
    row,
  };
}
