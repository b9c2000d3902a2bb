import { describe, expect, it, test } from 'vitest';
import { isBackwards, isTerminal, phases } from '../src/snapshot.ts';

const living = ['awaiting-upload', 'queued', 'running'] as const;
const ends = ['succeeded', 'partially-succeeded', 'failed', 'expired', 'deleted'] as const;

describe('the phases', () => {
  it('are three that a job passes through and five that it ends in', () => {
    expect(phases).toEqual([...living, ...ends]);
  });

  test.each([...living, null])('do not end with %s', (phase) => {
    expect(isTerminal(phase)).toBe(false);
  });

  test.each(ends)('end with %s, from where every other is backwards', (end) => {
    expect(isTerminal(end)).toBe(true);
    for (const phase of phases) expect(isBackwards(end, phase)).toBe(phase !== end);
  });

  it('go forward in their order, and from nothing to anything', () => {
    expect(isBackwards('running', 'queued')).toBe(true);
    expect(isBackwards('queued', 'running')).toBe(false);
    expect(isBackwards('queued', 'deleted')).toBe(false);
    for (const phase of phases) expect(isBackwards(null, phase)).toBe(false);
  });
});
