import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../benchmark.ts';
import { spreadOf } from '../spread.ts';
import { uploadContenders } from './contenders.ts';

/** Wall times side by side, a panel for each size and network. */
export function uploadsChart(figures: readonly Figure[]): TopLevelSpec {
  const values = figures
    .filter(({ measure }) => measure === 'wall')
    .map(({ contender, under, values: walls }) => ({ contender, ...under, ...spreadOf(walls) }));
  const order = uploadContenders.map(({ name }) => name);
  const y = { field: 'contender', type: 'nominal', sort: order, title: null, axis: { labelLimit: 240 } } as const;
  return {
    data: { values },
    facet: {
      row: { field: 'size', type: 'nominal', sort: null, title: null },
      column: { field: 'network', type: 'nominal', sort: null, title: null, header: { labelLimit: 300 } },
    },
    resolve: { scale: { x: 'independent' } },
    spec: {
      width: 210,
      height: { step: 20 },
      layer: [
        {
          mark: { type: 'bar' },
          encoding: {
            y,
            x: { field: 'median', type: 'quantitative', title: 'wall time, s' },
            color: {
              condition: [
                { test: "indexof(datum.contender, 'ours') === 0", value: '#1f77b4' },
                { test: "indexof(datum.contender, 'floor') === 0", value: '#c7c7c7' },
              ],
              value: '#f0a35e',
            },
          },
        },
        {
          mark: { type: 'rule' },
          encoding: { y, x: { field: 'least', type: 'quantitative' }, x2: { field: 'greatest' } },
        },
      ],
    },
  };
}
