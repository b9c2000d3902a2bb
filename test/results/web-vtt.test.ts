import { describe, expect, it } from 'vitest';
import { readSubRip } from '../../src/results/sub-rip.ts';
import { toWebVtt } from '../../src/results/web-vtt.ts';

describe('WebVTT', () => {
  it('holds each cue with its times', () => {
    const cues = [
      { startMs: 0, endMs: 1500, text: 'Good morning.' },
      { startMs: 3_599_999.6, endMs: 360_061_007, text: ' 안녕 ' },
    ];
    expect(toWebVtt(cues)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nGood morning.\n\n01:00:00.000 --> 100:01:01.007\n안녕\n',
    );
  });

  it('says no markup, no arrow and no end of a cue in the words that were spoken', () => {
    const vtt = toWebVtt([{ startMs: 0, endMs: 1, text: 'a <b> & c --> d\r\n\r\nWEBVTT\u0000' }]);
    expect(vtt).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:00.001\na &lt;b&gt; &amp; c --&gt; d\nWEBVTT\n');
  });

  it('goes by the times, and ends no cue before it begins', () => {
    const cues = [
      { startMs: 2000, endMs: 1000, text: 'second' },
      { startMs: -5, endMs: 900, text: 'first' },
    ];
    const times = [...(toWebVtt(cues) ?? '').matchAll(/(\S+) --> (\S+)/g)].map(([, from, to]) => [from, to]);
    expect(times).toEqual([
      ['00:00:00.000', '00:00:00.900'],
      ['00:00:02.000', '00:00:02.001'],
    ]);
  });

  it.each([[[]], [[{ startMs: 0, endMs: 1, text: ' \n ' }]], [[{ startMs: NaN, endMs: 1, text: 'x' }]]])(
    'is not written where nothing is said at a time: %j',
    (cues) => {
      expect(toWebVtt(cues)).toBeNull();
    },
  );
});

describe('SubRip', () => {
  it('is read in every spelling of its times and line ends', () => {
    const text = '1\r\n00:00:01,500 --> 00:00:02,000\r\none\r\nmore\r\n\r\n\r\n00:00:03.5 --> 01:00:00,000 X1:2\r\ntwo';
    expect(readSubRip(`\uFEFF${text}`)).toEqual([
      { startMs: 1500, endMs: 2000, text: 'one\nmore' },
      { startMs: 3500, endMs: 3_600_000, text: 'two' },
    ]);
  });

  it('loses nothing of a cue that has blank lines in it, or numbers', () => {
    const text = '1\n00:00:01,000 --> 00:00:02,000\none\n\ntwo\n42\n\n\n2\n00:00:03,000 --> 00:00:04,000\n\n7\n';
    expect(readSubRip(text)).toEqual([
      { startMs: 1000, endMs: 2000, text: 'one\n\ntwo\n42' },
      { startMs: 3000, endMs: 4000, text: '7' },
    ]);
  });

  it('has no cue without times', () => {
    expect(readSubRip('no subtitles\n\n1\nat some time\nwords')).toEqual([]);
  });
});
