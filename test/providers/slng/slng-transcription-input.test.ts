import { describe, expect, it, test } from 'vitest';
import { slngTranscription, slngTranscriptionInput } from '../../../src/providers/slng/slng-transcription-input.ts';

describe('the input of slngTranscription', () => {
  it('takes every option by the vendor’s name', () => {
    const input = {
      source: 'file:///media/talk.wav',
      transcription_config: {
        language: 'en',
        operating_point: 'enhanced',
        diarization: 'channel',
        domain: 'finance',
        output_locale: 'en-GB',
        enable_entities: true,
        additional_vocab: [{ content: 'gnocchi', sounds_like: ['nyohki'] }],
      },
      model_code: 'slng/speechmatics/batch:15.0.0',
      metadata: { episode: 7, guests: ['a', 'b'] },
      tracking: { title: 'Talk', reference: 'ref-1', tags: ['x'], details: { team: 'news' } },
      output_config: { srt_overrides: { max_line_length: 37, max_lines: 2 } },
      deleteAfterCollect: true,
      credential: 'acme',
      deadline: '10m',
      notify: ['parent'],
    };
    expect(slngTranscriptionInput.parse(input)).toEqual({ ...input, deadline: 600_000 });
  });

  test.each([
    ['an option that does not exist', { langauge: 'en' }],
    ['a mistyped option inside the config', { transcription_config: { diarisation: 'none' } }],
    ['a value that SLNG does not have', { transcription_config: { operating_point: 'best' } }],
    ['plain http to another host', { source: 'http://files.example/a.wav' }],
  ])('refuses %s', (_what, fields) => {
    expect(slngTranscriptionInput.safeParse({ source: 'file:///a.wav', ...fields }).success).toBe(false);
  });
});

describe('the times of an SLNG job', () => {
  test.each([
    ['the vendor’s sample', 312.4, 90_000],
    ['a short clip', 5, 15_000],
    ['another short clip', 10, 45_000],
  ])('span what was published for %s', (_what, durationSeconds, tookMs) => {
    const { earliestMs, latestMs } = slngTranscription.processingTime(durationSeconds) ?? {
      earliestMs: 0,
      latestMs: 0,
    };
    expect(earliestMs).toBeGreaterThanOrEqual(10_000);
    expect(earliestMs).toBeLessThanOrEqual(tookMs);
    expect(latestMs).toBeGreaterThanOrEqual(tookMs);
  });

  it('are not guessed where the length is unknown', () => {
    expect(slngTranscription.processingTime(null)).toBeNull();
  });

  test.each([
    [60, 4 * 7_245_000],
    [4 * 3600, 4 * 7_245_000],
    [8 * 3600, 4 * 14_445_000],
    [null, 4 * 7_245_000],
  ])(
    'give %s seconds of media a deadline of %i ms, never less than where the length is unknown',
    (durationSeconds, deadlineMs) => {
      expect(slngTranscription.defaultDeadlineMs(durationSeconds)).toBe(deadlineMs);
    },
  );
});
