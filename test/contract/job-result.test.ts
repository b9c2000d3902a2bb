import { describe, expect, it } from 'vitest';
import type { JobResult } from '../../src/contract/job.ts';
import { jobResultOf, readFailureDetails } from '../../src/contract/job-result.ts';

const place = { workflowId: 'provider-job/tiro/k', runId: 'r', provider: 'tiro' } as const;
const snapshot = { phase: 'running', status: 'PROCESSING', recognised: true, message: 'half way' };

describe('the result of a job', () => {
  it('has every field, whatever is known', () => {
    expect(jobResultOf(place, {})).toEqual({
      ...place,
      ...{ resource: null, jobId: null, ids: {}, phase: null, status: null, recognised: null, message: null },
      ...{ artifacts: [], missing: [], outcome: null, failure: null, cleanup: null },
      ...{ statusCalls: 0, media: [], startedAt: null, endedAt: null },
    });
  });

  it('takes an outcome of version 0.1 for what it says', () => {
    const outcome = {
      ...{ provider: 'tiro', resource: 'tiro.voice-file-job', jobId: 'j', ids: { id: 'j' }, phase: 'failed' },
      ...{ status: 'FAILED', recognised: true, message: 'no speech', statusCalls: 3, artifacts: [] },
    } satisfies Partial<JobResult>;
    const result = jobResultOf(place, outcome);
    expect(result).toMatchObject({ ...outcome, workflowId: place.workflowId, missing: [], failure: null, media: [] });
  });

  it('says of a failure why in our words', () => {
    const failure = { type: 'Terminated', message: 'by hand' };
    expect(jobResultOf(place, { message: 'the last of the provider', failure })).toMatchObject({
      message: 'by hand',
      failure,
    });
  });

  it('keeps its place, whatever else is said', () => {
    expect(jobResultOf(place, { workflowId: 'another', runId: null }).workflowId).toBe(place.workflowId);
  });
});

describe('the details of a failure', () => {
  it('of version 0.1 speak by their last look', () => {
    const details = { provider: 'tiro', resource: 'tiro.voice-file-job', jobId: 'j', statusCalls: 7, snapshot };
    expect(readFailureDetails(details)).toEqual({
      ...{ provider: 'tiro', resource: 'tiro.voice-file-job', jobId: 'j', statusCalls: 7 },
      ...{ phase: 'running', status: 'PROCESSING', recognised: true },
    });
  });

  it('say what they know over what the last look showed', () => {
    const details = { ...jobResultOf(place, { phase: 'succeeded', status: 'COMPLETED' }), snapshot };
    expect(readFailureDetails(details)).toMatchObject({ phase: 'succeeded', status: 'COMPLETED' });
  });

  it.each([undefined, null, 'words', 5])('are none where there are none: %j', (details) => {
    expect(readFailureDetails(details)).toBeNull();
  });
});
