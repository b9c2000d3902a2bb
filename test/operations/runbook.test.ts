import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { markedBlocks, runbookPath } from './runbook-page.ts';

const page = readFileSync(runbookPath, 'utf8');

describe('the runbook', () => {
  it('has a rehearsal for every entry, and a block for each', () => {
    const rehearsals = [...new Set(markedBlocks(page).map((mark) => mark.split(' ')[0] ?? ''))];
    for (const name of rehearsals) {
      expect(existsSync(new URL(`${name}.long.ts`, import.meta.url)), name).toBe(true);
    }
    const entries = page.split(/^## /m).slice(1);
    expect(entries.filter((entry) => markedBlocks(entry).length === 0)).toEqual([]);
    expect(rehearsals).toHaveLength(entries.length);
  });

  it('has no console block but those that are written by rehearsals, and none is empty', () => {
    expect(page.match(/^```console$/gm)).toHaveLength(markedBlocks(page).length);
    expect(page).not.toContain('```console\n```');
  });
});
