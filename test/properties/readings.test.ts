import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { isTerminal, phases } from '../../src/snapshot.ts';
import { nextPollDelayMs } from '../../src/polling/poll-plan.ts';
import type { Reading, Resource } from '../../src/providers/provider.ts';
import { anyJob, anyJson, everyResource } from './any-json.ts';

function readOrNull(resource: Resource, body: unknown): Reading | null {
  try {
    return resource.read(body);
  } catch (error) {
    expect(error).toBeInstanceOf(ZodError);
    return null;
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

// What ends a job although its status word does not: Soket's counters, and the date of SLNG's expiry.
function hasOtherProof(body: unknown): boolean {
  const { total_files: total, expired_at, ...counts } = body as Record<string, unknown>;
  const isWhole = (done: unknown, lost: unknown) =>
    isCount(total) && isCount(done) && isCount(lost) && total > 0 && done + lost === total;
  // A batch has longer names than an upload, and a body may have both.
  const done = [counts['files_completed'], counts['completed']];
  const lost = [counts['files_failed'], counts['failed']];
  if (done.some((some) => lost.some((other) => isWhole(some, other)))) return true;
  return typeof expired_at === 'string' && expired_at.startsWith('2026-11-22T');
}

describe.each(everyResource)('what $name says of a $short', ({ resource }) => {
  it('is read or refused as a whole, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(anyJson.value, anyJob), (body) => {
        const reading = readOrNull(resource, body);
        if (reading === null) return;
        expect([null, ...phases]).toContain(reading.phase);
        expect(typeof reading.status).toBe('string');
        expect(reading.message === null || typeof reading.message === 'string').toBe(true);
        expect(Object.values(reading.timestamps).every((time) => typeof time === 'string')).toBe(true);
        if (reading.progress === null) return;
        const { done, total } = reading.progress;
        expect(isCount(done) && isCount(total) && done <= total, JSON.stringify(reading.progress)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('ends no job by a word that nobody knows', () => {
    fc.assert(
      fc.property(anyJob, (body) => {
        const reading = readOrNull(resource, body);
        if (reading === null || Object.hasOwn(resource.statuses, body.status) || hasOtherProof(body)) return;
        expect(reading.recognised).toBe(false);
        expect(isTerminal(reading.phase)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('never makes us ask more often than the floor, nor wait for ever', () => {
    fc.assert(
      fc.property(
        anyJob,
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (body, elapsedMs, dice) => {
          const processingTime = readOrNull(resource, body)?.processingTime ?? null;
          const limits = resource.polling;
          const delayMs = nextPollDelayMs({ processingTime, elapsedMs, limits, random: () => dice });
          expect(delayMs).toBeGreaterThanOrEqual(limits.floorMs);
          expect(delayMs).toBeLessThanOrEqual(3_600_000);
        },
      ),
      { numRuns: 300 },
    );
  });
});
