import { expect, test } from 'vitest';
import { readWords } from '../../src/providers/words.ts';

test.each<[unknown, string | null]>([
  ['codec not supported', 'codec not supported'],
  [{ message: 'codec not supported', code: 7 }, 'codec not supported'],
  [{ code: 'E42', detail: 'opus' }, '{"code":"E42","detail":"opus"}'],
  [{ message: '', code: 7 }, '{"message":"","code":7}'],
  [['one', { message: 'two' }, null, ' '], 'one; two'],
  [{ message: { text: 'deep' } }, '{"message":{"text":"deep"}}'],
  ['', null],
  [' ', null],
  [null, null],
  [undefined, null],
  [7, null],
  [{}, null],
  [[], null],
])('of %j the words are %j', (error, words) => {
  expect(readWords(error)).toBe(words);
});
