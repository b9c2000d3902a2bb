import { describe, expect, it, test } from 'vitest';
import { readSlngText } from '../../../src/providers/slng/slng-transcript.ts';

const word = (content: unknown, start_time: unknown, end_time: unknown) => ({
  ...{ type: 'word', start_time, end_time },
  alternatives: [{ content }],
});

describe('the text of an SLNG transcript', () => {
  const results = [word('take', 1, 1.5), word(5, '2', '2.5')];
  const read = { text: 'take 5', cues: [{ startMs: 1000, endMs: 2500, text: 'take 5' }] };

  it('has its numbers and times, however they are written', () => {
    expect(readSlngText(JSON.stringify({ results }))).toEqual(read);
    expect(readSlngText(JSON.stringify({ results, text: ' ' }))).toEqual(read);
    expect(readSlngText(JSON.stringify({ results, text: 7 })).text).toBe('7');
  });

  it('is read past a byte order mark', () => {
    expect(readSlngText(`\uFEFF${JSON.stringify({ results })}`)).toEqual(read);
    expect(readSlngText(JSON.stringify({ confidence: 0, results }).replace(':0', ': NaN'))).toEqual(read);
  });

  it('has the words that have no times', () => {
    expect(readSlngText(JSON.stringify({ results: [word('well', null, 'x'), ...results] }))).toEqual({
      ...{ text: 'well take 5', cues: read.cues },
    });
  });

  it('has the first guess that says something', () => {
    const guessed = { ...word('', 1, 2), alternatives: [null, { content: 'so' }, { content: 'sew' }] };
    expect(readSlngText(JSON.stringify({ results: [guessed, { alternatives: [] }, null] })).text).toBe('so');
  });

  test.each(['', 'x', '[]', '{}', '{"results":{}}'])('is none where nothing is told: %j', (json) => {
    expect(readSlngText(json)).toEqual({ text: null, cues: [] });
  });
});
