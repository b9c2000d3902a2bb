import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOfStatus } from '../../../src/providers/connection/provider-error.ts';

const special: Record<number, string> = {
  401: 'credential-refused',
  403: 'credential-refused',
  404: 'not-found',
  408: 'unavailable',
  409: 'conflict',
  425: 'unavailable',
  429: 'rate-limited',
};

describe('kindOfStatus', () => {
  it('gives every status from 300 to 599 a kind', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), (status) => {
        expect(kindOfStatus(status)).toBe(special[status] ?? (status >= 500 ? 'unavailable' : 'rejected'));
      }),
      { numRuns: 1000 },
    );
  });
});
