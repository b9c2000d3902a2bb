import type { Figure } from './benchmark.ts';
import { figuresUnder, spreadOf } from './spread.ts';

/** A number with three digits that count; the larger ones whole, with commas. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** The middle of a figure's values, and where they differ the least and the greatest beside it. */
export function formatSpread(values: readonly number[]): string {
  const { least, median, greatest } = spreadOf(values);
  const [low, middle, high] = [least, median, greatest].map(formatNumber);
  if (low === high) return middle ?? '';
  return `${middle ?? ''} <sub>${low ?? ''}–${high ?? ''}</sub>`;
}

/** A table in Markdown; numbers, and what begins like one, are on the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)));
  const isNumeric = (column: number) =>
    cells.every((row) => /^(\*\*)?[-+−]?[\d–]/.test(row[column] ?? '') || row[column] === '');
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const rule = head.map((_title, column) => (column > 0 && isNumeric(column) ? '---:' : '---'));
  return [line(head), line(rule), ...cells.map(line)].join('\n');
}

/**
 * A row for each contender and a column for each measure, of the figures under these conditions: the median, and the
 * least and greatest of the rounds. `order` is that of the rows, by default the one of the figures.
 */
export function figuresTable(
  all: readonly Figure[],
  under: Record<string, string | number> = {},
  order?: readonly string[],
): string {
  const figures = figuresUnder(all, under);
  const measures = [...new Map(figures.map(({ measure, unit }) => [measure, unit]))];
  const contenders = order ?? [...new Set(figures.map(({ contender }) => contender))];
  const head = ['', ...measures.map(([measure, unit]) => (unit === '' ? measure : `${measure}, ${unit}`))];
  const rows = contenders.map((contender) => [
    contender,
    ...measures.map(([measure]) => {
      const figure = figures.find((one) => one.contender === contender && one.measure === measure);
      return figure === undefined ? '' : formatSpread(figure.values);
    }),
  ]);
  return markdownTable(head, rows);
}
