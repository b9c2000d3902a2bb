import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isMarked, markName, unmarkName } from '../../../src/providers/soket/marked-name.ts';

const marker = '0123456789abcdef';
const mostBytes = 255;
const bytesOf = (name: string) => Buffer.byteLength(name);

describe('the name of a file in the upload form', () => {
  test.each([
    ['talk.wav', `talk.${marker}.wav`],
    ['talk', `talk.${marker}`],
    ['talk.', `talk..${marker}`],
    ['archive.tar.gz', `archive.tar.${marker}.gz`],
    ['Vortrag 3. Teil.mp3', `Vortrag 3. Teil.${marker}.mp3`],
    ['.hidden', `.${marker}.hidden`],
    ['講演.wav', `講演.${marker}.wav`],
    ['😀.m4a', `😀.${marker}.m4a`],
    ['a.not an ending', `a.not an ending.${marker}`],
    ['', `.${marker}`],
  ])('of %j is %j', (name, marked) => {
    expect(markName(name, marker)).toBe(marked);
    expect(isMarked(marked, marker)).toBe(true);
    expect(unmarkName(marked, marker)).toBe(name);
  });

  it('gives the own name back, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (name) => {
        fc.pre(bytesOf(name) <= 200);
        expect(unmarkName(markName(name, marker), marker)).toBe(name);
      }),
    );
  });

  test.each([
    ['letters', 'x'.repeat(300)],
    ['letters of two bytes', 'é'.repeat(200)],
    ['letters of three bytes', '講'.repeat(200)],
    ['emoji', '😀'.repeat(200)],
    ['dots', '.'.repeat(300)],
    ['just too many letters', 'x'.repeat(mostBytes - marker.length - 4)],
  ])('has at most 255 bytes, its ending, and no half of a character, where it is made of %s', (_what, stem) => {
    const marked = markName(`${stem}.wav`, marker);
    expect(bytesOf(marked)).toBeLessThanOrEqual(mostBytes);
    expect(bytesOf(marked)).toBeGreaterThan(mostBytes - 4);
    expect(marked.endsWith(`.${marker}.wav`)).toBe(true);
    expect(`${stem}.wav`.startsWith(marked.slice(0, -`.${marker}.wav`.length))).toBe(true);
    expect(isMarked(marked, marker)).toBe(true);
  });

  it('is whole where it fits to the byte', () => {
    const stem = 'x'.repeat(mostBytes - `.${marker}.wav`.length);
    expect(markName(`${stem}.wav`, marker)).toBe(`${stem}.${marker}.wav`);
  });

  test.each([null, undefined, '', 'talk.wav', `talk.${marker}0.wav`, `talk.0${marker}.wav`, `talk${marker}.wav`])(
    '%j bears no marker',
    (name) => {
      expect(isMarked(name, marker)).toBe(false);
    },
  );

  it('is taken out of words about it too, and left where it was never marked', () => {
    expect(unmarkName(`cannot read talk.${marker}.wav`, marker)).toBe('cannot read talk.wav');
    expect(unmarkName('talk.wav', marker)).toBe('talk.wav');
    expect(unmarkName(`talk.${marker}.wav`, undefined)).toBe(`talk.${marker}.wav`);
  });
});
