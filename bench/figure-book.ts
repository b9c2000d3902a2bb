import type { Figure } from './benchmark.ts';

/** Collects figures value by value, in the order in which they are first seen. */
export class FigureBook {
  readonly #figures = new Map<string, Figure>();

  add(figure: Omit<Figure, 'values'>, value: number): void {
    const key = JSON.stringify([figure.contender, figure.under, figure.measure]);
    const known = this.#figures.get(key) ?? { ...figure, values: [] };
    known.values.push(value);
    this.#figures.set(key, known);
  }

  list(): Figure[] {
    return [...this.#figures.values()];
  }
}
