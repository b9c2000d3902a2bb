import type { TopLevelSpec } from 'vega-lite';
import type { BenchResult } from '../benchmark.ts';
import { figuresUnder, medianOf, spreadOf } from '../spread.ts';
import { figuresTable } from '../table.ts';

const loadsIn = ({ figures }: BenchResult) => [...new Set(figures.map(({ under }) => String(under['load'])))];

/** Those who saw every end, the least late first; then those who gave up on some. */
function byDelay({ figures }: BenchResult, load: string): string[] {
  const lost = (contender: string) => medianOf(figures, contender, 'gave up', { load });
  const delay = (contender: string) => {
    const values = figuresUnder(figures, { load }, 'delay').find((figure) => figure.contender === contender)?.values;
    return values === undefined ? Infinity : spreadOf(values).median;
  };
  return figuresUnder(figures, { load }, 'calls')
    .map(({ contender }) => contender)
    .sort((a, b) => lost(a) - lost(b) || delay(a) - delay(b));
}

function whereWeLose(result: BenchResult): string {
  const lines = loadsIn(result).flatMap((load) => {
    const order = byDelay(result, load);
    const better = order.slice(0, order.indexOf('ours'));
    return better.length === 0 ? [] : [`- ${load}: ${better.join('; ')}.`];
  });
  if (lines.length === 0) return 'Of those who give up on no job, nobody sees the end sooner.';
  return `Give up on no more jobs, and see the end sooner:\n\n${lines.join('\n')}`;
}

export function ratePage(result: BenchResult): string {
  const { figures } = result;
  const tables = loadsIn(result).map(
    (load) => `**${load}**\n\n${figuresTable(figures, { load }, byDelay(result, load))}`,
  );
  return `Jobs of all lengths at a provider that answers ten questions a second and refuses the others with 429 and
\`Retry-After: 1\`, in virtual time. Ours keeps to the rate by itself and learns what a call is worth: looks that would
gain least are the first to be left out. \`FIFO\` is a queue at that rate, behind our plan without a price, and behind an
interval of 5 s. The clients run as they are shipped, over a virtual \`fetch\`, with their own
answers to a 429; where they reject, the caller has lost the job (\`gave up\`), and no delay is counted for it.
\`tuned to the rate\` knows how many jobs run at once and asks just as often as the rate allows.

${tables.join('\n\n')}

**Where we lose.** ${whereWeLose(result)}`;
}

export function rateCharts(result: BenchResult): Record<string, TopLevelSpec> {
  const { figures } = result;
  const values = figuresUnder(figures, {}, 'delay').map(({ contender, under, values: delays }) => ({
    contender,
    load: String(under['load']),
    delay: spreadOf(delays).median,
    refused: medianOf(figures, contender, '429s', under),
    lost: medianOf(figures, contender, 'gave up', under),
  }));
  const measures = [
    { field: 'delay', title: 'mean delay, s' },
    { field: 'refused', title: '429s for a job' },
    { field: 'lost', title: 'jobs given up, %' },
  ];
  const order = byDelay(result, loadsIn(result)[0] ?? '');
  return {
    rate: {
      title: 'At ten calls a second',
      data: { values },
      hconcat: measures.map(({ field, title }, index) => ({
        width: 220,
        height: { step: 13 },
        mark: { type: 'bar' as const },
        encoding: {
          y: {
            field: 'contender',
            type: 'nominal' as const,
            sort: order,
            title: null,
            axis: index === 0 ? { labelLimit: 260 } : null,
          },
          yOffset: { field: 'load', sort: loadsIn(result) },
          x: {
            field,
            type: 'quantitative' as const,
            title,
            scale: { type: field === 'lost' ? ('linear' as const) : ('symlog' as const) },
          },
          color: { field: 'load', type: 'nominal' as const, title: null, sort: loadsIn(result) },
        },
      })),
    },
  };
}
