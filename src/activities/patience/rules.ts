import type { FailureType } from '../../contract/failures.ts';
import type { ErrorRow } from '../../contract/messages.ts';
import type { ProviderErrorKind } from '../../providers/connection/provider-error.ts';

/** What went wrong, as far as it decides how long it is borne. */
export type ErrorKind = ProviderErrorKind | 'source-unreadable' | 'source-refused' | 'result-store' | 'invalid-input';

/**
 * Where an activity stands when an error meets it: before a job exists at the provider, after that, or at a job of
 * somebody else's that nobody has seen yet.
 */
export type Stage = 'before' | 'exists' | 'unseen';

/** The failure that a kind of error becomes, and how long it is borne in each stage. */
export interface Rule {
  type: FailureType;
  /** Milliseconds since the first of its kind in a row; `Infinity` leaves it to the deadline, 0 is final at once. */
  patienceMs: Readonly<Record<Stage, number>>;
}

const untilDeadline = { before: Infinity, exists: Infinity, unseen: Infinity };
const never = { before: 0, exists: 0, unseen: 0 };
const twoMinutesMs = 120_000;
const tenMinutesMs = 600_000;
// No time at all would be final at the first of them; so it takes as many tries as any limit does.
const asManyTriesAsItTakesMs = 1;
const fewestTries = 3;

/** The table from what went wrong to the failure that Temporal records. */
export const rules: Readonly<Record<ErrorKind, Rule>> = {
  unavailable: { type: 'ProviderUnavailable', patienceMs: untilDeadline },
  'rate-limited': { type: 'RateLimited', patienceMs: untilDeadline },
  'unexpected-response': { type: 'UnexpectedResponse', patienceMs: untilDeadline },
  // A key may be in the midst of its rotation; what was begun with a good one waits for the next.
  'credential-refused': {
    type: 'CredentialRejected',
    patienceMs: { before: twoMinutesMs, exists: Infinity, unseen: twoMinutesMs },
  },
  'configuration-refused': { type: 'CredentialRejected', patienceMs: { before: 0, exists: Infinity, unseen: 0 } },
  // A proxy in front of a provider says it too, for some seconds.
  'not-found': {
    type: 'JobNotFound',
    patienceMs: { before: twoMinutesMs, exists: twoMinutesMs, unseen: asManyTriesAsItTakesMs },
  },
  // Each try comes with a fresh address: what refuses them all for so long has not merely expired.
  'storage-refused': {
    type: 'ProviderUnavailable',
    patienceMs: { before: tenMinutesMs, exists: tenMinutesMs, unseen: tenMinutesMs },
  },
  // The state that is in the way may be that of a moment ago.
  conflict: {
    type: 'RequestRejected',
    patienceMs: { before: twoMinutesMs, exists: twoMinutesMs, unseen: twoMinutesMs },
  },
  rejected: { type: 'RequestRejected', patienceMs: never },
  // Asked for again a result weighs as much; a page of something in front of the provider does not.
  'too-large': {
    type: 'UnexpectedResponse',
    patienceMs: { before: asManyTriesAsItTakesMs, exists: twoMinutesMs, unseen: asManyTriesAsItTakesMs },
  },
  'source-unreadable': { type: 'SourceUnreadable', patienceMs: untilDeadline },
  'source-refused': { type: 'SourceUnreadable', patienceMs: never },
  'result-store': { type: 'ResultStoreFailed', patienceMs: untilDeadline },
  'invalid-input': { type: 'InvalidInput', patienceMs: never },
};

/** Whether a row of errors has used up its patience: its time, with at least three tries in it. */
export function isUsedUp(kind: ErrorKind, row: ErrorRow, stage: Stage, nowMs: number, timeScale: number): boolean {
  const patienceMs = rules[kind].patienceMs[stage];
  if (patienceMs === 0) return true;
  return row.count >= fewestTries && (nowMs - row.sinceMs) * timeScale >= patienceMs;
}
