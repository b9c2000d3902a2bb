import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** The runbook, whose console blocks the rehearsals write. */
export const runbookPath = new URL('../../docs/operations.md', import.meta.url).pathname;

const block = (mark: string) => new RegExp(`(<!-- written: ${mark} -->\\n\\n\`\`\`console\\n)[^]*?(\`\`\`\\n)`);

/** The names of all blocks in the page, `<rehearsal> <block>`, in its order. */
export function markedBlocks(page: string): string[] {
  return [...page.matchAll(/<!-- written: ([\w-]+ [\w-]+) -->\n\n```console\n/g)].map(([, mark = '']) => mark);
}

/**
 * Expects that the page shows these blocks as they were just printed, and no other block of this rehearsal; with `-u`
 * it is made so.
 */
export async function expectInRunbook(rehearsal: string, blocks: ReadonlyMap<string, string>): Promise<void> {
  const page = readFileSync(runbookPath, 'utf8');
  const own = markedBlocks(page).filter((mark) => mark.startsWith(`${rehearsal} `));
  expect(own.sort(), 'the marks in the page').toEqual([...blocks.keys()].map((name) => `${rehearsal} ${name}`).sort());
  const written = [...blocks].reduce(
    (text, [name, lines]) =>
      text.replace(block(`${rehearsal} ${name}`), (_all, head: string, end: string) => head + lines + end),
    page,
  );
  await expect(written).toMatchFileSnapshot(runbookPath);
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Puts what differs from run to run into words that stay: by `replace` first, then ids, times, counts and waits. */
export function normalise(text: string, replace: Readonly<Record<string, string>>): string {
  const seen: string[] = [];
  const numbered = (id: string) => {
    if (!seen.includes(id)) seen.push(id);
    return `8f14e45f-ceea-467f-a8c1-${String(seen.indexOf(id) + 1).padStart(12, '0')}`;
  };
  return Object.entries(replace)
    .reduce((all, [from, to]) => all.replaceAll(from, to), text)
    .replaceAll(uuid, numbered)
    .replaceAll(/\bpj[0-9a-f]{30}\b/g, `pj${'0'.repeat(29)}1`)
    .replaceAll(/\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(\.\d+)?/g, '2026-11-28$103:00:00')
    .replaceAll(/[1-9]\d* status calls?/g, '3 status calls')
    .replaceAll(/\(attempt \d+\)/g, '(attempt 3)')
    .replaceAll(/next check in [\d.]+ \w+|asking now/g, 'next check in 8 s')
    .replaceAll(/ +$/gm, '');
}
