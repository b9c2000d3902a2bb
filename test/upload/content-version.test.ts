import { expect, test } from 'vitest';
import { fingerprintVersion, isSameVersion } from '../../src/upload/content-version.ts';

const version = { sizeBytes: 10, etag: '"a"', lastModified: 'Mon, 02 Nov 2026 08:00:00 GMT' };

test.each([
  ['another time under the same ETag, as mirrors have', { lastModified: 'Tue, 03 Nov 2026 08:00:00 GMT' }, true],
  ['the same ETag, called weak', { etag: 'W/"a"' }, true],
  ['another ETag', { etag: '"b"' }, false],
  ['another size', { sizeBytes: 11 }, false],
  ['no ETag and another time', { etag: null, lastModified: 'Tue, 03 Nov 2026 08:00:00 GMT' }, false],
  ['no ETag and the same time', { etag: null }, true],
  ['neither', { etag: null, lastModified: null }, true],
])('an answer with %s is of the same content: %#', (_what, change, isSame) => {
  expect(isSameVersion(version, { ...version, ...change })).toBe(isSame);
});

test('a fingerprint does not tell whether an ETag is weak', () => {
  expect(fingerprintVersion({ ...version, etag: 'W/"a"' })).toBe(fingerprintVersion(version));
});
