import { describe, expect, it } from 'vitest';
import { writeJson } from '../../src/results/write-json.ts';

describe('the JSON of a provider', () => {
  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);

  it('is written as it is', () => {
    const value = { text: 'hello', parts: nested(400) };
    expect(JSON.parse(writeJson(value, 2))).toEqual(value);
  });

  it('is written without what is nested too deeply', () => {
    const written = writeJson({ text: 'hello', extra: nested(90_000) });
    expect(JSON.parse(written)).toMatchObject({ text: 'hello' });
    expect(written).toContain('left out: nested too deeply');
  });
});
