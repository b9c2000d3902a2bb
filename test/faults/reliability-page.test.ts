import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { courses } from './courses.ts';
import { cellsToRun } from './matrix.ts';
import { renderMatrix } from './render-matrix.ts';

const path = new URL('../../docs/reliability.md', import.meta.url).pathname;
const mark = '<!-- From here on written by npx vitest run test/faults/reliability-page.test.ts -u -->\n';

describe('the reliability page', () => {
  it('shows the matrix as the tests drive it', async () => {
    const [prose = ''] = readFileSync(path, 'utf8').split(mark);
    await expect(`${prose}${mark}\n${renderMatrix()}`).toMatchFileSnapshot(path);
  });

  it('has no empty cell', () => {
    const cells = renderMatrix()
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .flatMap((line) => line.slice(1, -1).split('|'));
    expect(cells.filter((cell) => cell.trim() === '')).toEqual([]);
  });

  it.each(Object.entries(courses))('runs every fault and every stage of %s in the slice', (_name, course) => {
    const slice = cellsToRun(course, false);
    const possible = cellsToRun(course, true);
    expect(new Set(slice.map(({ row }) => row.id))).toEqual(new Set(possible.map(({ row }) => row.id)));
    expect(new Set(slice.map(({ stage }) => stage))).toEqual(new Set(course.stages));
  });
});
