import { plot } from 'simple-ascii-chart';
import { formatDuration } from '../../polling/duration.ts';
import type { LearnedClass } from '../../polling/learned-times.ts';
import { beliefOf, endedBy, type ProcessingTime } from '../../polling/poll-plan.ts';
import type { Terminal } from '../terminal.ts';

const width = 64;
const height = 11;
// Two to a column, so that a steep curve has few holes.
const samples = 2 * width;
const ticks = 5;

type Curve = [number, number][];

function curveOf(range: ProcessingTime, untilMs: number): Curve {
  const belief = beliefOf(range);
  return Array.from({ length: samples + 1 }, (_, at) => {
    const ms = (untilMs * at) / samples;
    return [ms, ms === 0 ? 0 : 100 * endedBy(belief, ms)];
  });
}

/** The part of jobs that has ended by a time, as the vendor says and as learned; `null` where nothing was learned. */
export function plotClass(
  { provider, resource, durations, vendor, learned }: LearnedClass,
  colors: Terminal['colors'],
): string | null {
  if (learned === null) return null;
  const untilMs = 1.25 * Math.max(learned.latestMs, vendor?.latestMs ?? 0);
  const said = { curve: vendor === null ? [] : curveOf(vendor, untilMs), mark: colors.yellow('·') };
  const seen = { curve: curveOf(learned, untilMs), mark: colors.green('●') };
  const curves = vendor === null ? [seen] : [said, seen];
  const chart = plot(
    curves.map(({ curve }) => curve),
    {
      width,
      height,
      yRange: [0, 100],
      customYAxisTicks: [0, 50, 100],
      customXAxisTicks: Array.from({ length: ticks }, (_, at) => (untilMs * at) / (ticks - 1)),
      formatter: (value, { axis }) => {
        if (axis === 'y') return `${String(Math.round(value))} %`;
        return value === 0 ? '0' : formatDuration(value);
      },
      // A mark for each curve tells them apart without colour too; which curve a point is of, only the point tells.
      lineFormatter: ({ x, y, plotX, plotY }) => ({
        x: plotX,
        y: plotY,
        symbol: curves.find(({ curve }) => curve.some(([ms, part]) => ms === x && part === y))?.mark ?? ' ',
      }),
    },
  );
  const lines = chart.split('\n').filter((line) => line.trim() !== '');
  const legend = `${vendor === null ? '' : `${said.mark} as the vendor says   `}${seen.mark} as learned`;
  return [
    `${provider} ${resource}, ${durations}: jobs that have ended by then`,
    legend,
    ...lines.map((line) => line.trimEnd()),
  ].join('\n');
}
