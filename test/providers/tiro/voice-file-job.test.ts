import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { voiceFileJob } from '../../../src/providers/tiro/voice-file-job.ts';

const sample = JSON.parse(
  readFileSync(new URL('../../fixtures/tiro.voice-file-job/PROCESSING.running.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

describe('a Tiro voice-file job', () => {
  it('gives the vendor’s times under our names and leaves out those that are null', () => {
    expect(voiceFileJob.read(sample).timestamps).toEqual({
      uploadedAt: '2025-07-20T10:00:20Z',
      startedAt: '2025-07-20T10:01:00Z',
    });
  });

  test.each(['job_0b1c', 'job-0b1c', 'b2d1ab32-3fe2-4201-b0b4-391abdbaa023', 'JOB/1'])(
    'may have the id %s: it is an opaque string',
    (id) => {
      expect(voiceFileJob.id.parse(id)).toBe(id);
      expect(voiceFileJob.path(id)).toBe(`/v1/external/voice-file/jobs/${encodeURIComponent(id)}`);
    },
  );

  test.each([
    ['a text', 'The audio could not be decoded', 'The audio could not be decoded'],
    ['null', null, 'Tiro gives no reason'],
    ['missing', undefined, 'Tiro gives no reason'],
  ])('that failed has a message where errorMessage is %s', (_what, errorMessage, message) => {
    expect(voiceFileJob.read({ ...sample, status: 'FAILED', errorMessage }).message).toBe(message);
  });

  test.each(['PROCESSING', 'COMPLETED'])('has no message where it is %s', (status) => {
    expect(voiceFileJob.read({ ...sample, status }).message).toBeNull();
  });

  it('has ended whether or not it says when', () => {
    expect(voiceFileJob.read({ ...sample, status: 'FAILED', processCompletedAt: null }).phase).toBe('failed');
    expect(voiceFileJob.read({ ...sample, status: 'COMPLETED', processCompletedAt: undefined }).phase).toBe(
      'succeeded',
    );
    const early = { ...sample, processCompletedAt: '2025-07-20T10:02:00Z' };
    expect(voiceFileJob.read(early).phase).toBe('running');
  });
});
