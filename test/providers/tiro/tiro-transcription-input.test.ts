import { describe, expect, it, test } from 'vitest';
import { tiroTranscription, tiroTranscriptionInput } from '../../../src/providers/tiro/tiro-transcription-input.ts';

const source = 'file:///media/talk.wav';
const minuteMs = 60_000;

describe('the input of tiroTranscription', () => {
  it('takes the vendor’s option names', () => {
    const input = {
      ...{ source, transcriptLocaleHints: ['en_US'], translationLocales: ['ko_KR', 'de_DE'] },
      ...{ workspaceGuid: 'guid-1', credential: 'acme', deadline: '10m', notify: ['parent'] },
    };
    const read = { ...input, translationLocales: ['de_DE', 'ko_KR'], deadline: 600_000 };
    expect(tiroTranscriptionInput.parse(input)).toEqual(read);
  });

  test.each<[string, object, string]>([
    ['a locale in the old form', { translationLocales: ['KO_KR'] }, 'translationLocales.0'],
    ['a locale with a hyphen', { transcriptLocaleHints: ['en-US'] }, 'transcriptLocaleHints.0'],
    ['two hints', { transcriptLocaleHints: ['en_US', 'ko_KR'] }, 'transcriptLocaleHints'],
    ['six translations', { translationLocales: Array<string>(6).fill('en_US') }, 'translationLocales'],
    ['an ftp source', { source: 'ftp://files.example/a.wav' }, 'source'],
    ['a path as source', { source: '/media/talk.wav' }, 'source'],
    ['plain http to another machine', { source: 'http://files.example/a.wav' }, 'source'],
    ['a deadline in words', { deadline: 'soon' }, 'deadline'],
    ['a deadline of nothing', { deadline: 0 }, 'deadline'],
    ['a credential that looks like a key', { credential: 'id.SECRET' }, 'credential'],
    ['an empty workspace', { workspaceGuid: '' }, 'workspaceGuid'],
  ])('refuses %s and names the field', (_what, change, field) => {
    const { error } = tiroTranscriptionInput.safeParse({ source, ...change });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });

  it('names a mistyped option', () => {
    const { error } = tiroTranscriptionInput.safeParse({ source, translationLocale: ['ko_KR'] });
    expect(error?.issues[0]?.message).toContain('translationLocale');
  });
});

describe('what Tiro says about its time', () => {
  test.each([
    [1, 0.75, 1.25],
    [299, 0.75, 1.25],
    [300, 1, 3],
    [600, 1, 3],
    [1200, 3, 6],
    [3600, 6, 18],
    [5 * 3600, 6, 18],
    [null, 6, 18],
  ])('for %s s of audio is %f to %f minutes', (seconds, earliest, latest) => {
    expect(tiroTranscription.processingTime(seconds)).toEqual({
      earliestMs: earliest * minuteMs,
      latestMs: latest * minuteMs,
    });
  });

  test('gives all audio the deadline of the longest, since a length may be a guess', () => {
    expect(tiroTranscription.defaultDeadlineMs()).toBe(72 * minuteMs);
  });
});
