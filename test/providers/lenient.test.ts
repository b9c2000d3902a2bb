import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import {
  headers,
  id,
  number,
  optional,
  readErrorWords,
  readWords,
  rows,
  text,
  time,
  wholeNumber,
} from '../../src/providers/lenient.ts';

const read = (schema: z.ZodType, value: unknown): unknown => schema.safeParse(value).data;

test.each<[string, z.ZodType, unknown, unknown]>([
  ['a text', text, 'x', 'x'],
  ['a number as text', text, 7, '7'],
  ['an id', id, 'job/1', 'job/1'],
  ['an id as a number', id, 123, '123'],
  ['an id with more digits than a number keeps', id, 1e20, undefined],
  ['an id that leads elsewhere', id, '..', undefined],
  ['an empty id', id, '', undefined],
  ['a number', number, 21.7, 21.7],
  ['a text as number', number, ' 21.7 ', 21.7],
  ['an empty text as number', number, '', undefined],
  ['words as number', number, '7 files', undefined],
  ['a whole number', wholeNumber, '5242880', 5_242_880],
  ['a whole number of nothing', wholeNumber, 0, undefined],
  ['a time', time, '2026-11-01T12:00:00+02:00', '2026-11-01T12:00:00+02:00'],
  ['a time without a zone', time, '2026-11-01 10:00:00.5', '2026-11-01T10:00:00.500Z'],
  ['a time as epoch seconds', time, 1_793_527_200, '2026-11-01T10:00:00.000Z'],
  ['a time as epoch milliseconds in a text', time, '1793527200000', '2026-11-01T10:00:00.000Z'],
  ['the year 1, which means never', time, '0001-01-01T00:00:00Z', undefined],
  ['a small number as a time', time, 7, undefined],
])('reads %s', (_what, schema, given, expected) => {
  expect(read(schema, given)).toBe(expected);
  for (const wrong of [null, {}, [], true]) {
    expect(read(schema, wrong)).toBeUndefined();
    expect(z.object({ field: optional(schema) }).parse({ field: wrong })).toEqual({});
  }
});

it('leaves out the rows that are not what they should be', () => {
  const list = rows(z.object({ id }));
  expect(list.parse([{ id: 'a' }, null, { id: 7 }, {}, 'x', { id: {} }])).toEqual([{ id: 'a' }, { id: '7' }]);
  expect(() => list.parse({})).toThrow();
});

it('reads headers of texts, numbers and lists, and leaves out others', () => {
  const given = { 'Content-Length': 5, Host: ['a.example'], 'x-b': ['1', 2], 'x-c': null, 'x-d': {}, 'x-e': 'e' };
  expect(headers.parse(given)).toEqual({ 'Content-Length': '5', Host: 'a.example', 'x-b': '1, 2', 'x-e': 'e' });
});

describe('an error', () => {
  test.each<[unknown, string | null]>([
    ['codec not supported', 'codec not supported'],
    [7, '7'],
    [{ code: 'X', message: 'codec not supported' }, 'codec not supported'],
    [{ error: { message: 'deep' } }, 'deep'],
    [{ message: { detail: 'deeper' } }, 'deeper'],
    [{ detail: [{ loc: ['body'], msg: 'field required' }, { msg: 'too long' }] }, 'field required; too long'],
    [['one', { message: 'two' }, null, ''], 'one; two'],
    [{ kind: 5 }, '{"kind":5}'],
    ...[null, undefined, '', ' ', true, false, {}, [], [null], [[]]].map((none): [unknown, null] => [none, null]),
  ])('%j is put into words', (error, words) => {
    expect(readWords(error)).toBe(words);
  });

  test.each([
    [
      { code: 400_001, errorType: 'bad_request', message: 'no guid' },
      { code: '400001', message: 'no guid' },
    ],
    [
      { code: 'x', errorType: 'bad_request', message: null },
      { code: 'x', message: 'bad_request' },
    ],
    [{ code: {}, message: ['a', 'b'] }, { message: 'a; b' }],
    ['not found', { message: 'not found' }],
    [['no', 'file'], { message: 'no; file' }],
    [null, {}],
  ])('%j has a code and a message', (error, expected) => {
    expect(readErrorWords(error)).toEqual(expected);
  });
});
