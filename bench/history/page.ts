import type { TopLevelSpec } from 'vega-lite';
import type { BenchResult, Figure } from '../benchmark.ts';
import { figuresUnder, medianOf, spreadOf } from '../spread.ts';
import { figuresTable, formatSpread, markdownTable } from '../table.ts';
import { wayNames } from '../waits/ways.ts';

const measures = ['status calls', 'history events', 'Actions'];

const kindsIn = ({ figures }: BenchResult) => [...new Set(figures.map(({ under }) => String(under['jobs'])))];

function table({ figures }: BenchResult, measure: string, kinds: readonly string[]): string {
  const rows = wayNames.map((way) => [
    way,
    ...kinds.map((jobs) => {
      const figure = figuresUnder(figures, { jobs }, measure).find(({ contender }) => contender === way);
      return figure === undefined ? '' : formatSpread(figure.values);
    }),
  ]);
  return markdownTable([`${measure} for a job`, ...kinds], rows);
}

/** What the Actions of the longest kind of job are. */
function kindsOfActions({ figures }: BenchResult, jobs: string): string {
  const named = figuresUnder(figures, { jobs })
    .filter(({ measure }) => measure.startsWith('Actions: '))
    .map((figure): Figure => ({ ...figure, measure: figure.measure.replace(/^Actions: (grpc_|command_)?/, '') }));
  return figuresTable(named, {}, wayNames);
}

/** Who needs fewer of something than a track of ours, which is given no more than they are. */
function whereWeLose({ figures }: BenchResult, kinds: readonly string[]): string {
  const lost = kinds.flatMap((jobs) =>
    measures.flatMap((measure) => {
      const mine = medianOf(figures, 'ours, track', measure, { jobs });
      const better = figuresUnder(figures, { jobs }, measure)
        .filter(({ contender, values }) => !contender.startsWith('ours') && spreadOf(values).median < mine)
        .map(({ contender, values }) => `${contender} (${formatSpread(values)})`);
      return better.length === 0
        ? []
        : [`- ${jobs}, ${measure}: ours, track ${formatSpread([mine])}; ${better.join('; ')}.`];
    }),
  );
  return lost.length === 0
    ? 'Nobody needs fewer of anything.'
    : `Who needs fewer than a track of ours:\n\n${lost.join('\n')}`;
}

export function historyPage(result: BenchResult): string {
  const kinds = kindsIn(result);
  const longest = kinds.at(-1) ?? '';
  return `Three jobs of each kind are waited for in each way, with clocks twenty times as fast and each way in a namespace
of its own. Events are the length of the history. Actions are what the server itself counts as such, in its metric
\`action\`: starts, signals, timers, attempts of activities, upserts and the heartbeats that reach it are all in it.
\`ours, track\` follows a job that runs already and of which it knows nothing, as the others do; \`ours, whole job\` also
looks at the file, uploads it, and stores the results. "Tuned" has the best first wait and interval for each kind of job.

${measures.map((measure) => table(result, measure, kinds)).join('\n\n')}

<details><summary>What the Actions are: ${longest}</summary>

${kindsOfActions(result, longest)}

</details>

**Where we lose.** ${whereWeLose(result, kinds)}`;
}

export function historyCharts(result: BenchResult): Record<string, TopLevelSpec> {
  const kinds = kindsIn(result);
  const shown = ['history events', 'Actions'];
  const values = result.figures
    .filter(({ measure }) => shown.includes(measure))
    .map(({ contender, under, measure, values: all }) => {
      return { contender, jobs: String(under['jobs']), measure, value: spreadOf(all).median };
    });
  return {
    history: {
      title: 'History events and Actions for a job',
      data: { values },
      facet: { field: 'measure', type: 'nominal', title: null, sort: shown },
      spec: {
        width: 330,
        height: 220,
        mark: { type: 'line', point: { size: 60 } },
        encoding: {
          x: { field: 'jobs', type: 'nominal', sort: kinds, title: null, axis: { labelAngle: 0 } },
          y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: 'for a job' },
          color: { field: 'contender', type: 'nominal', sort: [...wayNames], title: null },
          shape: { field: 'contender', type: 'nominal', sort: [...wayNames], title: null },
        },
      },
    },
  };
}
