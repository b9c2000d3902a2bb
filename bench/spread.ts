import type { Figure } from './benchmark.ts';

/** The least, the middle and the greatest of some values. */
export interface Spread {
  least: number;
  median: number;
  greatest: number;
}

/** Throws where there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, greatest] = [sorted[0], sorted.at(-1)];
  if (least === undefined || greatest === undefined) throw new RangeError('no values');
  const [low = least, high = greatest] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return { least, median: (low + high) / 2, greatest };
}

/** The value below which this part of the values lies, linear between neighbours. */
export function quantileOf(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The figures that were measured under these conditions, and where given, of this measure. */
export function figuresUnder(
  figures: readonly Figure[],
  under: Record<string, string | number>,
  measure?: string,
): Figure[] {
  return figures.filter(
    (figure) =>
      (measure === undefined || figure.measure === measure) &&
      Object.entries(under).every(([name, value]) => figure.under[name] === value),
  );
}

/** The one figure of a contender; throws where it was not measured. */
export function figureOf(
  figures: readonly Figure[],
  contender: string,
  measure: string,
  under: Record<string, string | number> = {},
): Figure {
  const found = figuresUnder(figures, under, measure).find((figure) => figure.contender === contender);
  if (found === undefined) throw new Error(`no ${measure} of ${contender} under ${JSON.stringify(under)}`);
  return found;
}

/** The median of a contender's figure; throws where it was not measured. */
export function medianOf(...wanted: Parameters<typeof figureOf>): number {
  return spreadOf(figureOf(...wanted).values).median;
}
