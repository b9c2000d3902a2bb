import type { TopLevelSpec } from 'vega-lite';
import type { BenchResult } from '../benchmark.ts';
import { medianOf, spreadOf } from '../spread.ts';
import { figuresTable, formatNumber } from '../table.ts';

/** Whole jobs of ours, on a real server. */
export const ours = 'ours, whole job';
/** Our plan alone, in virtual time, at the jobs that ours had on the real server. */
export const simulated = 'our plan, simulated';
const naive = 'timer loop, 5 s';

export function realRatePage({ figures }: BenchResult): string {
  const { jobs = NaN, timeScale = NaN } = figures[0]?.under ?? {};
  const loses = medianOf(figures, ours, 'delay') > medianOf(figures, naive, 'delay');
  return `${String(jobs)} jobs with ten minutes of audio each, begun as fast as they can be, with clocks ${String(timeScale)} times as fast, behind
a proxy that lets through 600 calls in any minute of Tiro's, as Tiro says of itself, and answers the others with 429. One
contender after the other, as they would share the rate. Ours makes all of its calls through the proxy: it creates, uploads, waits and
collects. The timer loop is given jobs that run already, and only asks; what is refused, Temporal's default policy tries
again. The plan simulated is what ours comes to in virtual time for the same jobs, begun when they were and as long, where
no call takes longer than its turn; on the real server their ends are seen ${formatNumber(
    medianOf(figures, ours, 'delay') / medianOf(figures, simulated, 'delay'),
  )} times as late.

${figuresTable(figures)}

**Where we lose.** ${loses ? 'The timer loop sees the end sooner.' : 'The timer loop sees no end sooner.'}`;
}

export function realRateCharts({ figures }: BenchResult): Record<string, TopLevelSpec> {
  const shown = ['delay', 'delay, 95 %', '429s'];
  const values = figures
    .filter(({ measure }) => shown.includes(measure))
    .map(({ contender, measure, unit, values: all }) => ({
      contender,
      measure: unit === '' ? `${measure} for a job` : `${measure}, ${unit}`,
      value: spreadOf(all).median,
    }));
  return {
    'real-rate': {
      title: 'At ten calls a second, on a real server',
      data: { values },
      facet: { column: { field: 'measure', type: 'nominal', title: null } },
      spec: {
        width: 190,
        height: { step: 26 },
        mark: { type: 'bar' },
        encoding: {
          y: { field: 'contender', type: 'nominal', title: null },
          x: { field: 'value', type: 'quantitative', title: null },
          color: { field: 'contender', type: 'nominal', title: null, legend: null },
        },
      },
      resolve: { scale: { x: 'independent' } },
    },
  };
}
