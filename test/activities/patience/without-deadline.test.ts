import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { patiently } from '../../../src/activities/patience/patiently.ts';
import { mediaWithinMs } from '../../../src/contract/deadlines.ts';
import type { ErrorRow } from '../../../src/contract/messages.ts';
import { ProviderError } from '../../../src/providers/connection/provider-error.ts';

const hourMs = 3_600_000;
const down = new ProviderError({ kind: 'unavailable', operation: 'upload', words: 'down' });

async function failOnce(scheduleToCloseTimeoutMs: number, sinceMs: number): Promise<ApplicationFailure> {
  const errors: ErrorRow = {
    ...{ kind: 'unavailable', count: 50, failures: 50, words: 'down', attempt: 50, mayHaveHappened: false },
    sinceMs,
    beganMs: sinceMs,
  };
  const environment = new MockActivityEnvironment({
    ...{ attempt: 51, heartbeatDetails: { errors, memory: null } },
    ...{ scheduleToCloseTimeoutMs, scheduledTimestampMs: Date.now() - 40 * hourMs },
  });
  const activity = patiently({ timeScale: 1, random: () => 0.5 }, 'before', () => Promise.reject(down));
  const error: unknown = await environment.run(activity, null).catch((reason: unknown) => reason);
  if (!(error instanceof ApplicationFailure)) throw error as Error;
  return error;
}

describe('an activity whose provider is down', () => {
  it('ends after a day without progress where nobody gave a deadline, however long it queued', async () => {
    expect(await failOnce(mediaWithinMs, Date.now() - 25 * hourMs)).toMatchObject({
      ...{ type: 'ProviderUnavailable', nonRetryable: true },
    });
    expect(await failOnce(mediaWithinMs, Date.now() - 23 * hourMs)).toMatchObject({ nonRetryable: false });
  });

  it('goes on until the deadline where there is one', async () => {
    expect(await failOnce(100 * hourMs, Date.now() - 25 * hourMs)).toMatchObject({ nonRetryable: false });
  });
});
