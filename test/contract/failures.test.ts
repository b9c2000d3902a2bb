import { describe, expect, it, test } from 'vitest';
import { failureTypes, isFailureType } from '../../src/contract/failures.ts';

describe('the failure types', () => {
  test.each(Object.entries(failureTypes))('say what %s means and what to do', (_type, { meaning, remedy }) => {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  });

  it('are told from those of others', () => {
    expect(isFailureType('JobNotFound')).toBe(true);
    for (const type of ['Error', 'constructor', '', null, undefined]) expect(isFailureType(type)).toBe(false);
  });
});
