import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../src/providers/connection/provider-error.ts';
import { readPage } from '../../src/providers/pages.ts';

const all = Array.from({ length: 47 }, (_, index) => index);
const tooLarge = new ProviderError({ kind: 'too-large', operation: 'list', words: 'too large' });

/** A list whose pages may not hold more than this weight; a row weighs 1 unless said otherwise. */
function listOf(mostWeight: number, options: { heavy?: Record<number, number>; saysTotal?: boolean } = {}) {
  const asked: string[] = [];
  const ask = (page: number, limit: number) => {
    asked.push(`${String(page)}/${String(limit)}`);
    const rows = all.slice((page - 1) * limit, page * limit);
    const weight = rows.reduce((sum, row) => sum + (options.heavy?.[row] ?? 1), 0);
    if (weight > mostWeight) return Promise.reject(tooLarge);
    return Promise.resolve({ rows, totalPages: options.saysTotal ? Math.ceil(all.length / limit) : undefined });
  };
  return { asked, ask };
}

async function readAll(ask: ReturnType<typeof listOf>['ask'], limits: number[]): Promise<number[]> {
  const found: number[] = [];
  for (let page = 1; ; page += 1) {
    const { rows, totalPages } = await readPage(page, limits, ask);
    found.push(...rows);
    if (rows.length === 0 || page >= totalPages) return found;
  }
}

describe('readPage', () => {
  it.each([true, false])('asks for no smaller pages than it must, where the total is told: %s', async (saysTotal) => {
    const { ask, asked } = listOf(10, { saysTotal });
    await expect(readAll(ask, [10, 5, 1])).resolves.toEqual(all);
    expect(asked).toEqual(['1/10', '2/10', '3/10', '4/10', '5/10']);
  });

  it.each([
    [7, true],
    [7, false],
    [1, true],
    [1, false],
    [3, false],
  ])('loses and repeats no row where %i fit into an answer, and the total is told: %s', async (most, saysTotal) => {
    const { ask } = listOf(most, { saysTotal });
    await expect(readAll(ask, [10, 5, 1])).resolves.toEqual(all);
  });

  it('makes only those pages smaller that are too large', async () => {
    const { ask, asked } = listOf(10, { heavy: { 12: 9 }, saysTotal: true });
    await expect(readAll(ask, [10, 5, 1])).resolves.toEqual(all);
    expect(asked).toEqual([
      ...['1/10', '2/10', '3/5', '11/1', '12/1', '13/1', '14/1', '15/1', '4/5'],
      ...['3/10', '4/10', '5/10'],
    ]);
  });

  it('says that a single row is too large, and passes every other error on', async () => {
    const { ask } = listOf(10, { heavy: { 12: 11 } });
    await expect(readAll(ask, [10, 5, 1])).rejects.toBe(tooLarge);
    const other = new ProviderError({ kind: 'unavailable', operation: 'list', words: 'down' });
    await expect(readPage(1, [10, 1], () => Promise.reject(other))).rejects.toBe(other);
  });
});
