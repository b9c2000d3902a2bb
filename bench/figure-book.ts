import type { Figure } from './benchmark.ts';

/** Figures as they are measured, round by round. */
export class FigureBook {
  readonly figures: Figure[] = [];

  /** Adds the value of one more round. */
  add(contender: string, under: Figure['under'], measure: string, unit: string, value: number): void {
    const isSame = (figure: Figure) =>
      figure.contender === contender &&
      figure.measure === measure &&
      JSON.stringify(figure.under) === JSON.stringify(under);
    const known = this.figures.find(isSame);
    if (known) known.values.push(value);
    else this.figures.push({ contender, under, measure, unit, values: [value] });
  }
}

/** What figures were measured under, each once, in the order of measuring. */
export function conditionsOf(figures: readonly Figure[]): Figure['under'][] {
  return [...new Map(figures.map(({ under }) => [JSON.stringify(under), under])).values()];
}
