import { describe, expect, it, test } from 'vitest';
import { type ErrorKind, isUsedUp, rules, type Stage } from '../../../src/activities/patience/rules.ts';
import { rowOf } from '../../setup/attempts.ts';

const minutes = 60_000;
const years = 366 * 24 * 60 * minutes;
const atOnce = 0;
const threeTries = 1;
const never = Infinity;

/** How long each kind of error is borne: before a job exists, once it does, and where nobody has seen it yet. */
const table: Record<ErrorKind, [type: string, before: number, exists: number, unseen: number]> = {
  unavailable: ['ProviderUnavailable', never, never, never],
  'rate-limited': ['RateLimited', never, never, never],
  'unexpected-response': ['UnexpectedResponse', never, never, never],
  'credential-refused': ['CredentialRejected', 2 * minutes, never, 2 * minutes],
  'configuration-refused': ['CredentialRejected', atOnce, never, atOnce],
  'not-found': ['JobNotFound', 2 * minutes, 2 * minutes, threeTries],
  'storage-refused': ['ProviderUnavailable', 10 * minutes, 10 * minutes, 10 * minutes],
  conflict: ['RequestRejected', 2 * minutes, 2 * minutes, 2 * minutes],
  rejected: ['RequestRejected', atOnce, atOnce, atOnce],
  'too-large': ['UnexpectedResponse', threeTries, 2 * minutes, threeTries],
  'source-unreadable': ['SourceUnreadable', never, never, never],
  'source-refused': ['SourceUnreadable', atOnce, atOnce, atOnce],
  'result-store': ['ResultStoreFailed', never, never, never],
  'invalid-input': ['InvalidInput', atOnce, atOnce, atOnce],
};
const kinds = Object.keys(table) as ErrorKind[];
const cells = kinds.flatMap((kind) => {
  const [, before, exists, unseen] = table[kind];
  return Object.entries({ before, exists, unseen }).map(([stage, ms]) => [kind, stage as Stage, ms] as const);
});

describe('the table of failures', () => {
  test.each(kinds)('makes %s the failure that users read about', (kind) => {
    expect(rules[kind].type).toBe(table[kind][0]);
  });

  it('has no row that is not told here', () => {
    expect(Object.keys(rules).sort()).toEqual([...kinds].sort());
  });

  test.each(cells)('bears %s in the stage "%s" for %s ms since the first in a row', (kind, stage, patienceMs) => {
    const nowMs = Date.parse('2026-11-06T08:49:37Z');
    const isFinal = (count: number, afterMs: number) =>
      isUsedUp(kind, rowOf(kind, { count, sinceMs: nowMs - afterMs }), stage, nowMs, 1);
    if (patienceMs === atOnce) {
      expect(isFinal(1, 0)).toBe(true);
    } else if (patienceMs === never) {
      expect(isFinal(1_000_000, 50 * years)).toBe(false);
    } else {
      expect(isFinal(1, 0)).toBe(false);
      expect(isFinal(1000, patienceMs - 1)).toBe(false);
      expect(isFinal(3, patienceMs)).toBe(true);
      // However long ago: a limit has at least three tries in it.
      expect(isFinal(2, years)).toBe(false);
    }
  });

  test.each([1, 7, 100, 1000])('counts its times by the clock that runs %i times as fast', (timeScale) => {
    const isFinal = (afterMs: number) => {
      const nowMs = Date.now();
      const row = rowOf('not-found', { count: 3, sinceMs: nowMs - afterMs });
      return isUsedUp('not-found', row, 'exists', nowMs, timeScale);
    };
    const patienceMs = Math.ceil((2 * minutes) / timeScale);
    expect(isFinal(patienceMs)).toBe(true);
    expect(isFinal(patienceMs - 1)).toBe(false);
  });

  it('is patient where the clock of the machine was put back', () => {
    const nowMs = Date.now();
    const row = rowOf('not-found', { count: 99, sinceMs: nowMs + years });
    expect(isUsedUp('not-found', row, 'exists', nowMs, 1)).toBe(false);
  });
});
