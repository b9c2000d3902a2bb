import fastCheck from 'fast-check';
import { expect, test } from 'vitest';
import { fromPathSegment, toPathSegment } from '../../src/results/path-segment.ts';

const text = fastCheck.oneof(
  fastCheck.string({ minLength: 1, maxLength: 300, unit: 'binary' }),
  fastCheck.string({
    minLength: 1,
    maxLength: 30,
    unit: fastCheck.constantFrom('.', '/', '=', '2', 'E', '\0', '\\', 'a', 'u', 'D', '8', '\ud800', '\udc00', '\ufffd'),
  }),
);

test('any text becomes one safe name that a file system takes', () => {
  fastCheck.assert(
    fastCheck.property(text, (given) => {
      const segment = toPathSegment(given);
      expect(segment).not.toMatch(/^\.|[/\\\p{Cc}]/u);
      expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(140);
    }),
  );
});

test('a name that is not cut can be turned back', () => {
  fastCheck.assert(
    fastCheck.property(text, (given) => {
      const back = fromPathSegment(toPathSegment(given));
      expect(back === given || (back === null && Buffer.byteLength(given) > 140 / 3)).toBe(true);
    }),
  );
});

test('different texts have different names', () => {
  fastCheck.assert(
    fastCheck.property(text, text, (one, other) => {
      expect(toPathSegment(one) === toPathSegment(other)).toBe(one === other);
    }),
  );
  const long = 'a'.repeat(500);
  expect(toPathSegment(`${long}1`)).not.toBe(toPathSegment(`${long}2`));
  expect(toPathSegment(`${long}\ud800`)).not.toBe(toPathSegment(`${long}\ufffd`));
});

test.each([
  ['transcript.json', 'transcript.json'],
  ['my%20file.wav', 'my%20file.wav'],
  ['..', '=2E.'],
  ['.hidden', '=2Ehidden'],
  ['a/b\\c\0d=e', 'a=2Fb=5Cc=00d=3De'],
  ['요약.md', '요약.md'],
  ['a\ud800.md', 'a=uD800.md'],
  ['\ufffd', '\ufffd'],
])('names %j %s', (given, segment) => {
  expect(toPathSegment(given)).toBe(segment);
});

test('refuses an empty name', () => {
  expect(() => toPathSegment('')).toThrow(expect.objectContaining({ name: 'ResultStoreError', code: 'INVALID_NAME' }));
});
