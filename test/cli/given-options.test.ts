import { expect, test } from 'vitest';
import { readGivenOptions } from '../../src/cli/given-options.ts';

test.each([
  { pairs: ['language=ko'], options: { language: 'ko' } },
  { pairs: ['chunks=true', 'concurrency=3'], options: { chunks: true, concurrency: 3 } },
  { pairs: ['translationLocales=["ko_KR"]'], options: { translationLocales: ['ko_KR'] } },
  { pairs: ['title=a=b'], options: { title: 'a=b' } },
  { pairs: ['title='], options: { title: '' } },
  { json: '{"language":"en","chunks":true}', pairs: ['language=ko'], options: { language: 'ko', chunks: true } },
])('reads $json $pairs', ({ json, pairs, options }) => {
  expect(readGivenOptions(json, pairs)).toEqual(options);
});

test('names every wrong option at once', () => {
  expect(() => readGivenOptions('{', ['one', '=two', 'good=1'])).toThrow(
    /--options: expected a JSON object[^]*--option one:[^]*--option =two:/,
  );
});
