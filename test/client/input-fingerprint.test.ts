import { describe, expect, it } from 'vitest';
import { differingFields, fingerprintInput } from '../../src/client/input-fingerprint.ts';

describe('the fingerprint of an input', () => {
  it.each([
    ['the order of fields', { a: 1, b: { c: 2, d: [3] } }, { b: { d: [3], c: 2 }, a: 1 }, []],
    ['fields that are undefined', { a: 1, b: undefined }, { a: 1 }, []],
    ['nothing else: a value', { a: 1, b: 2 }, { a: 1, b: 3 }, ['b']],
    ['nothing else: the order of a list', { a: [1, 2] }, { a: [2, 1] }, ['a']],
    ['nothing else: a field more', { a: 1 }, { a: 1, c: null }, ['c']],
    ['nothing else: a value inside', { a: { b: { c: 1 } }, z: 0 }, { a: { b: { c: 2 } }, z: 1 }, ['a', 'z']],
  ])('ignores %s', (_, one, other, expected) => {
    expect(differingFields(fingerprintInput(one), fingerprintInput(other))).toEqual(expected);
  });

  it('does not hold the input itself', () => {
    expect(JSON.stringify(fingerprintInput({ source: 'file:///canary.wav' }))).not.toContain('canary');
  });
});
