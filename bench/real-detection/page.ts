import type { TopLevelSpec } from 'vega-lite';
import type { BenchResult } from '../benchmark.ts';
import { figuresUnder, medianOf } from '../spread.ts';
import { figuresTable } from '../table.ts';

const cost = 'delay + 1 s a call';

const kindsIn = ({ figures }: BenchResult) => [
  ...new Set(figures.map(({ under }) => String(under['jobs'])).filter((jobs) => jobs !== 'all')),
];

function contendersByCost({ figures }: BenchResult, jobs: string): string[] {
  return figuresUnder(figures, { jobs }, cost)
    .map(({ contender }) => contender)
    .sort((a, b) => medianOf(figures, a, cost, { jobs }) - medianOf(figures, b, cost, { jobs }));
}

/** Who costs less than ours, for each kind of job. */
function whereWeLose(result: BenchResult): string {
  const lines = ['all', ...kindsIn(result)].flatMap((jobs) => {
    const order = contendersByCost(result, jobs);
    const better = order.slice(0, order.indexOf('ours, whole job'));
    return better.length === 0 ? [] : [`- ${jobs === 'all' ? 'Over all jobs' : jobs}: ${better.join('; ')}.`];
  });
  return lines.length === 0
    ? 'Nobody costs less than ours, of any kind of job.'
    : `Costs less than ours:\n\n${lines.join('\n')}`;
}

export function realDetectionPage(result: BenchResult): string {
  const { figures } = result;
  const each = kindsIn(result).map(
    (jobs) =>
      `<details><summary>${jobs}</summary>\n\n${figuresTable(figures, { jobs }, contendersByCost(result, jobs))}\n\n</details>`,
  );
  return `The jobs of the table above, a quarter of each kind, with clocks twenty times as fast: a minute at Tiro takes
three seconds here, and what Temporal and HTTP take counts twenty times. The simulator is a process of its own, and
alone knows when a job ended and which question was the first to see it. Ours uploads the file, waits and stores the results
(only the wait counts here); the others are given a job that runs already: a workflow that asks and sleeps, an activity
that loops and heartbeats, and an activity that fails and is retried each minute. "Tuned" has the best first wait and
interval for each kind of job.

${figuresTable(figures, { jobs: 'all' }, contendersByCost(result, 'all'))}

${each.join('\n')}

**Where we lose.** ${whereWeLose(result)}`;
}

export function realDetectionCharts(result: BenchResult): Record<string, TopLevelSpec> {
  const { figures } = result;
  const values = figuresUnder(figures, {}, 'delay')
    .filter(({ under }) => under['jobs'] !== 'all')
    .map(({ contender, under }) => ({
      contender,
      jobs: String(under['jobs']),
      delay: medianOf(figures, contender, 'delay', under),
      calls: medianOf(figures, contender, 'calls', under),
    }));
  return {
    'real-detection': {
      title: 'Mean delay against calls for a job, on a real server',
      data: { values },
      facet: { field: 'jobs', type: 'nominal', title: null, sort: kindsIn(result) },
      columns: 2,
      spec: {
        width: 260,
        height: 170,
        mark: { type: 'point', filled: true, size: 90 },
        encoding: {
          x: { field: 'calls', type: 'quantitative', scale: { type: 'log' }, title: 'calls for a job' },
          y: { field: 'delay', type: 'quantitative', scale: { type: 'log' }, title: 'mean delay, s' },
          color: { field: 'contender', type: 'nominal', title: null },
          shape: { field: 'contender', type: 'nominal', title: null },
        },
      },
      resolve: { scale: { x: 'independent', y: 'independent' } },
    },
  };
}
