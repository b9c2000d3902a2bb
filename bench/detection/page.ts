import type { TopLevelSpec } from 'vega-lite';
import type { BenchResult, Figure } from '../benchmark.ts';
import { figuresUnder, medianOf, spreadOf } from '../spread.ts';
import { figuresTable, formatSpread, markdownTable } from '../table.ts';
import { anyKind, kinds, priors } from './situations.ts';

const cost = 'delay + 1 s a call';
const intervalName = 'interval, as many calls as ours';
const learnedName = 'ours, after 20 jobs';
const tunedNames = ['interval, tuned', 'first wait and interval, tuned', 'smithy waiter, tuned', 'retry policy, tuned'];

const situations = [
  ...kinds.map(({ title }) => ({ jobs: title, prior: 'right' })),
  { jobs: anyKind.title, prior: 'nothing known' },
];

/** Contenders under these conditions, those that cost least first. */
function byCost(figures: readonly Figure[], under: Record<string, string>): Figure[] {
  return figuresUnder(figures, under, cost).sort((a, b) => spreadOf(a.values).median - spreadOf(b.values).median);
}

/** Cost of everybody in every situation, as a multiple of the optimum's. */
function costTable({ figures }: BenchResult): string {
  const names = [...new Set(figuresUnder(figures, {}, cost).map(({ contender }) => contender))];
  const ratio = (contender: string, under: Record<string, string>) => {
    const mine = figuresUnder(figures, under, cost).find((figure) => figure.contender === contender)?.values ?? [];
    const best = figuresUnder(figures, under, cost).find((figure) => figure.contender === 'optimum')?.values ?? [];
    return mine.map((value, round) => value / (best[round] ?? NaN));
  };
  const worst = (contender: string) => Math.max(...situations.map((under) => spreadOf(ratio(contender, under)).median));
  const rows = names
    .sort((a, b) => worst(a) - worst(b))
    .map((name) => [name, ...situations.map((under) => formatSpread(ratio(name, under)))]);
  return markdownTable(['cost over the optimum', ...situations.map(({ jobs }) => jobs)], rows);
}

const wrong = kinds.flatMap(({ title }) =>
  Object.keys(priors)
    .filter((prior) => prior !== 'right')
    .map((prior) => ({ jobs: title, prior })),
);

/** Everybody's cost in a situation; what is told nothing was measured once, where the table is right. */
function costsUnder(figures: readonly Figure[], under: { jobs: string; prior: string }): Figure[] {
  const told = figuresUnder(figures, under, cost);
  const untold = figuresUnder(figures, { jobs: under.jobs, prior: 'right' }, cost);
  return [...told, ...untold.filter(({ contender }) => told.every((figure) => figure.contender !== contender))];
}

/** Cost of those who were told something, when it was wrong. */
function wrongPriorTable({ figures }: BenchResult): string {
  const names = ['optimum', 'ours', learnedName, intervalName, ...tunedNames, 'twelvelabs-js'];
  const rows = wrong.map((under) => {
    const costs = costsUnder(figures, under);
    const cells = names.map((name) => formatSpread(costs.find(({ contender }) => contender === name)?.values ?? [NaN]));
    return [under.jobs, under.prior, ...cells];
  });
  return markdownTable(['jobs', 'the table says', ...names], rows);
}

/** In which situations somebody's cost is below ours, in words. */
function whereWeLose({ figures }: BenchResult, who: string): string {
  const lost = [...situations, ...wrong].flatMap((under) => {
    const mine = medianOf(figures, who, cost, under);
    const better = costsUnder(figures, under)
      .filter(({ contender }) => contender !== 'optimum' && !contender.startsWith('ours'))
      .map(({ contender, values }) => ({ contender, percent: Math.round((1 - spreadOf(values).median / mine) * 100) }))
      .filter(({ percent }) => percent >= 1)
      .sort((one, other) => other.percent - one.percent)
      .map(({ contender, percent }) => `${contender} ${String(percent)} %`);
    const what = under.prior === 'nothing known' ? 'nothing known' : `table ${under.prior}`;
    return better.length === 0 ? [] : [`- ${under.jobs}, ${what}: ${better.join('; ')}.`];
  });
  return lost.length === 0 ? 'Nobody, in any of these situations.' : lost.join('\n');
}

export function detectionPage(result: BenchResult): string {
  const { figures } = result;
  const jobsEach = situations.map((under) => {
    const order = byCost(figures, under).map(({ contender }) => contender);
    const shown = figuresUnder(figures, under).filter(({ contender }) => contender !== 'least possible');
    const title = under.prior === 'right' ? under.jobs : `${under.jobs}, ${under.prior}`;
    return `<details><summary>${title}</summary>\n\n${figuresTable(shown, {}, order)}\n\n</details>`;
  });
  return `Jobs whose time is lognormal, with 5 % before and 5 % after the range that Tiro's table gives for so much audio.
A waiter pays for each second from a job's end to the look that sees it, and a second for each call. \`optimum\` is the
best plan that there is, by dynamic programming, for one who knows the law itself. Ours is the worker's plan with Tiro's
limits; it jitters, which costs it a little. \`ours, after 20 jobs\` has seen so many of them end, and learned from them.
The clients are their packages' own code on a virtual clock, with one call replaced. "Tuned" tries a grid of settings
against the law that the table stands for, and takes the best: ours is told two numbers of it, and they the whole.

${costTable(result)}

![Delay against calls](benchmarks/detection.svg)

${jobsEach.join('\n')}

**Where the table is wrong.** Delay + 1 s a call, in seconds, when jobs take twice or half as long as what everybody was
told or tuned for. The clients as shipped are told nothing, and cost what they cost above; the last column is one of them.

${wrongPriorTable(result)}

**Where we lose.**

Who costs less than ours that has seen no job end yet, and by how much:

${whereWeLose(result, 'ours')}

And less than ours after twenty jobs:

${whereWeLose(result, learnedName)}`;
}

const rank = (name: string) => ['optimum', learnedName, 'ours'].indexOf(name);
const outlines = ['square', 'triangle-up', 'diamond', 'triangle-down', 'triangle-left', 'triangle-right'];
const palette = (
  '#4c78a8 #9ecae9 #f58518 #ffbf79 #54a24b #88d27a #b79a20 #f2cf5b #439894 #83bcb6 #79706e #bab0ac #d67195 #b279a2 ' +
  '#d6a5c9 #9e765f'
).split(' ');

/** Delay against calls on logarithmic axes, with the least delay that so many calls can have. */
export function detectionCharts({ figures }: BenchResult): Record<string, TopLevelSpec> {
  const point = ({ contender, under }: Figure) => ({
    contender,
    jobs: String(under['jobs']),
    calls: medianOf(figures, contender, 'calls', under),
    delay: medianOf(figures, contender, 'delay', under),
  });
  const right = figures.filter(
    ({ measure, under }) => measure === 'delay' && (under['prior'] === 'right' || under['prior'] === 'nothing known'),
  );
  const line = right.filter(({ contender }) => contender === 'least possible').map(point);
  const points = right.filter(({ contender }) => contender !== 'least possible').map(point);
  const axes = {
    x: { field: 'calls', type: 'quantitative', scale: { type: 'log' }, title: 'calls for a job' },
    y: { field: 'delay', type: 'quantitative', scale: { type: 'log' }, title: 'mean delay, s' },
  } as const;
  // What comes last is drawn above the others.
  const names = [...new Set(points.map(({ contender }) => contender))].sort((a, b) => rank(a) - rank(b));
  const others = names.length - 3;
  const colours = [...palette.slice(0, others), '#d62728', '#777777', '#000000'];
  const shapes = [
    ...Array.from({ length: others }, (_, index) => outlines[index % outlines.length]),
    'cross',
    'circle',
    'circle',
  ];
  const sizes = [...Array.from({ length: others }, () => 70), 160, 110, 110];
  const panel = (jobs: string): object => ({
    title: { text: jobs, fontSize: 12 },
    width: 235,
    height: 210,
    layer: [
      {
        data: { values: line.filter((one) => one.jobs === jobs) },
        mark: { type: 'line', color: '#999', strokeDash: [4, 3] },
        encoding: axes,
      },
      {
        data: { values: names.flatMap((name) => points.filter((one) => one.jobs === jobs && one.contender === name)) },
        mark: { type: 'point', filled: true, opacity: 0.9 },
        encoding: {
          ...axes,
          color: { field: 'contender', type: 'nominal', scale: { domain: names, range: colours }, title: null },
          shape: { field: 'contender', type: 'nominal', scale: { domain: names, range: shapes }, title: null },
          size: { field: 'contender', type: 'ordinal', scale: { domain: names, range: sizes }, title: null },
        },
      },
    ],
  });
  return {
    detection: {
      title: {
        text: 'Mean delay against calls for a job',
        subtitle: 'Dashed: the least delay that so many calls can have. Nearer to the lower left is better.',
      },
      concat: situations.map(({ jobs }) => panel(jobs)),
      columns: 3,
    } as unknown as TopLevelSpec,
  };
}
