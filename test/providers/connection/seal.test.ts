import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openSealed, seal } from '../../../src/providers/connection/seal.ts';

it('opens with the same key what was sealed, and shows none of it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ unit: 'binary-ascii', minLength: 4 }), (key, text) => {
      const sealed = seal(key, text);
      expect(sealed).toMatch(/^[\w-]+$/);
      expect(openSealed(key, sealed)).toBe(text);
      expect(seal(key, text)).not.toBe(sealed);
      for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
        expect(sealed).not.toContain(Buffer.from(text).toString(encoding).slice(0, -2).padStart(6, '\n'));
      }
    }),
    { numRuns: 200 },
  );
});

it('opens nothing with another key, and nothing that was changed', () => {
  const sealed = seal('key-1', 'x-amz-security-token: secret');
  expect(openSealed('key-2', sealed)).toBeNull();
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
    if (Buffer.from(changed, 'base64url').equals(Buffer.from(sealed, 'base64url'))) continue;
    expect(openSealed('key-1', changed)).toBeNull();
  }
  for (const broken of ['', 'abc', sealed.slice(0, 30)]) expect(openSealed('key-1', broken)).toBeNull();
});
