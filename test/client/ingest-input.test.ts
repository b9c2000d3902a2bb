import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hashWork, ingestOptions } from '../../src/client/ingest-input.ts';
import type { PipelineStep } from '../../src/contract/pipeline.ts';

const same: [string, unknown[]][] = [
  [
    'defaults that are given',
    [{ provider: 'tiro', name: 'tiro', options: { credential: 'default' }, acceptPartial: false }],
  ],
  ['no options', [{ options: {}, provider: 'tiro' }]],
  ['null for what is absent', [{ provider: 'tiro', name: null, options: { credential: null } }]],
  ['a deadline', [{ provider: 'tiro', options: { deadline: '2h' } }]],
];
const other: [string, unknown[]][] = [
  ['another provider', [{ provider: 'slng' }]],
  ['another step', [{ provider: 'tiro' }, { provider: 'slng' }]],
  ['another option', [{ provider: 'tiro', options: { translationLocales: ['ko_KR'] } }]],
  ['another credential', [{ provider: 'tiro', options: { credential: 'acme' } }]],
];
const hash = (steps: unknown[]) => hashWork(steps as PipelineStep[]);

describe('what is to be done with a file', () => {
  it.each(same)('is the same with %s', (_, steps) => {
    expect(hash(steps)).toBe(hash([{ provider: 'tiro' }]));
    expect(hash(steps)).toMatch(/^[0-9a-f]{16}$/);
  });
  it.each(other)('is another with %s', (_, steps) => {
    expect(hash(steps)).not.toBe(hash([{ provider: 'tiro' }]));
  });
  it('is another by another strategy, and the usual one may be left out', () => {
    const steps: PipelineStep[] = [{ provider: 'tiro' }];
    expect(hashWork(steps, 'all')).toBe(hashWork(steps));
    expect(hashWork(steps, 'race')).not.toBe(hashWork(steps));
  });
});

describe('the options of an ingest', () => {
  const schema = z.object(ingestOptions).partial();
  const read = (given: object) => schema.safeParse(given).data ?? null;
  it.each([
    [
      ['.dat', '.DAV'],
      ['.dat', '.dav'],
    ],
    [{ '.dav': 'video/x-msvideo' }, { '.dav': 'video/x-msvideo' }],
    [['dat'], null],
    [['./x'], null],
    [{ '.dav': 'text/html' }, null],
  ])('read %j as endings', (given, expected) => {
    expect(read({ extensions: given })?.extensions ?? null).toEqual(expected);
  });
  it.each([
    [0, 0],
    [10, 10],
    [11, null],
    [-1, null],
    [1.5, null],
  ])('read %s as how often to try again', (given, expected) => {
    expect(read({ retryFailed: given })?.retryFailed ?? null).toBe(expected);
  });
});
