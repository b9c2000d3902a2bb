import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { detectionDelayMs } from '../../../src/activities/wait/detection-delay.ts';
import { initialPollState, type PollState } from '../../../src/polling/poll-state.ts';
import type { JobSnapshot } from '../../../src/snapshot.ts';

const snapshot = (finishedAt?: string): JobSnapshot => ({
  ...{ resource: 'tiro.voice-file-job', id: 'x', status: 'COMPLETED', phase: 'succeeded', recognised: true },
  ...{ progress: null, message: null, observedAt: '2026-11-28T12:00:00Z' },
  timestamps: finishedAt === undefined ? {} : { finishedAt },
});
const finishedAt = '2026-11-28T12:00:00Z';
const finishedMs = Date.parse(finishedAt);

/** The delay of an end that an answer has told so long after it, in a wait that began so long ago. */
function delayMs(told: {
  afterMs: number;
  waitedMs?: number;
  isOurs?: boolean;
  isFirst?: boolean;
  finishedAt?: string | undefined;
}) {
  const { afterMs, waitedMs = 3_600_000, isOurs = true, isFirst = false } = told;
  const known: PollState = initialPollState(Date.now(), 0);
  const before = isFirst ? known : { ...known, snapshot: snapshot() };
  const after = { ...known, snapshot: snapshot('finishedAt' in told ? told.finishedAt : finishedAt) };
  const input = { before, after, isOurs, providerNowMs: finishedMs + afterMs, lastLookAtMs: null };
  const environment = new MockActivityEnvironment({ scheduledTimestampMs: Date.now() - waitedMs });
  return environment.run(() => Promise.resolve(detectionDelayMs(input)));
}

describe('the detection delay', () => {
  it('is from the end to the answer, by the clock of the provider', async () => {
    expect(await delayMs({ afterMs: 4200 })).toBe(4200);
  });

  it('is nothing where the clock of an answer, in whole seconds, is behind', async () => {
    expect(await delayMs({ afterMs: -700 })).toBe(0);
  });

  it('begins with the wait where the job had ended before', async () => {
    const before = await delayMs({ afterMs: 86_400_000, waitedMs: 5000 });
    expect(before).toBeGreaterThanOrEqual(5000);
    expect(before).toBeLessThan(86_400_000);
  });

  it('is not known where the provider does not tell its end, or the job of a stranger was found done', async () => {
    expect(await delayMs({ afterMs: 1000, finishedAt: undefined })).toBeNull();
    expect(await delayMs({ afterMs: 1000, isOurs: false, isFirst: true })).toBeNull();
    expect(await delayMs({ afterMs: 1000, isOurs: false })).toBe(1000);
    expect(await delayMs({ afterMs: 1000, isFirst: true })).toBe(1000);
  });
});
