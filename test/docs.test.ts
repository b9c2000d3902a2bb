import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failureTypes } from '../src/contract/failures.ts';
import type { Provider } from '../src/providers/provider.ts';
import { providers } from '../src/providers/registry.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('the documentation', () => {
  it('explains every failure type in the words of the table', () => {
    const rows = Object.entries(failureTypes).map(
      ([type, { meaning, remedy }]) => `| \`${type}\` | ${meaning} | ${remedy} |`,
    );
    expect(
      read('docs/failures.md')
        .split('\n')
        .filter((line) => line.startsWith('| `')),
    ).toEqual(rows);
  });

  it('names the formats that each provider takes', () => {
    const media = read('docs/media.md');
    for (const { title, lifecycle } of Object.values<Provider>(providers)) {
      if (lifecycle?.limits.formats === undefined) continue;
      expect(media).toContain(`| ${title} | ${lifecycle.limits.formats.join(', ')}, up to`);
    }
  });

  it('keeps the README to 120 lines with the first command by line 15', () => {
    const lines = read('README.md').split('\n');
    expect(lines.length).toBeLessThanOrEqual(121);
    expect(lines.findIndex((line) => line.startsWith('npm ci')) + 1).toBeLessThanOrEqual(15);
  });
});
