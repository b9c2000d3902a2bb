import type { TopLevelSpec } from 'vega-lite';
import type { BenchResult } from '../benchmark.ts';
import { figuresUnder, medianOf, spreadOf } from '../spread.ts';
import { figuresTable, formatSpread, markdownTable } from '../table.ts';

const percent = (part: number) => `${String(Math.round(part * 100))} %`;

export function throughputPage({ figures }: BenchResult): string {
  const whole = figures.filter(({ measure }) => measure !== 'starts a second');
  const { events = NaN, jobs = NaN } = whole[0]?.under ?? {};
  const rounds = whole[0]?.values.length ?? 0;
  const starts = figuresUnder(figures, {}, 'starts a second');
  const contenders = [...new Set(starts.map(({ contender }) => contender))];
  const rows = contenders.map((contender) => [
    contender,
    ...[1, 20].map((atOnce) =>
      formatSpread(
        starts.find((one) => one.contender === contender && one.under['atOnce'] === atOnce)?.values ?? [NaN],
      ),
    ),
  ]);
  const ratio = (one: string, other: string, measure: string, under = {}) =>
    percent(medianOf(figures, one, measure, under) / medianOf(figures, other, measure, under));
  return `Whole jobs at SLNG, from the file to the stored results, through one worker: ${String(rounds)} rounds of
${String(jobs)} jobs, in turn with as many bare workflows of ${String(events)} events each, which is what one of our jobs has;
their activities do nothing. The provider's part takes no time, as its clock runs a thousand times as fast, but its HTTP
calls, the uploads and the writing of results are real, and share the machine with the server and the simulator.

${figuresTable(whole)}

Ours ends ${ratio('ours, whole job', 'bare workflow', 'jobs a second')} as many jobs in a second as the bare workflow
does.

Starts without a worker that takes them: \`jobs.start\`, which checks the input and keeps a fingerprint of it, against a
bare \`client.workflow.start\`.

${markdownTable(['starts a second', 'one after the other', '20 at once'], rows)}

**Where we lose.** Both: a job of ours does more than nothing, and a start of ours is
${ratio('ours, start', 'bare start', 'starts a second', { atOnce: 1 })} as fast as a bare one, 20 at once
${ratio('ours, start', 'bare start', 'starts a second', { atOnce: 20 })}.`;
}

export function throughputCharts({ figures }: BenchResult): Record<string, TopLevelSpec> {
  const shown = figures
    .filter(({ measure }) => measure === 'jobs a second' || measure === 'starts a second')
    .map(({ contender, measure, under, values }) => {
      const { least, median, greatest } = spreadOf(values);
      const atOnce = under['atOnce'];
      const what =
        atOnce === undefined ? measure : `${measure}, ${atOnce === 1 ? 'one by one' : `${String(atOnce)} at once`}`;
      return { contender: contender.replace(/,? ?(whole job|start|workflow)$/, ''), what, least, median, greatest };
    });
  const encoding = {
    y: { field: 'contender', type: 'nominal', title: null, sort: ['ours', 'bare'] },
  } as const;
  return {
    throughput: {
      title: { text: 'In a second', subtitle: 'Bars are medians, lines go from the least to the greatest round.' },
      data: { values: shown },
      facet: { row: { field: 'what', type: 'nominal', title: null, header: { labelAngle: 0, labelAlign: 'left' } } },
      spec: {
        width: 420,
        height: 50,
        layer: [
          {
            mark: { type: 'bar', height: 16 },
            encoding: {
              ...encoding,
              x: { field: 'median', type: 'quantitative', title: null },
              color: { field: 'contender', type: 'nominal', title: null, sort: ['ours', 'bare'], legend: null },
            },
          },
          {
            mark: { type: 'rule' },
            encoding: { ...encoding, x: { field: 'least', type: 'quantitative' }, x2: { field: 'greatest' } },
          },
        ],
      },
      resolve: { scale: { x: 'independent' } },
    },
  };
}
