import type * as Vega from 'vega';
import type * as VegaLite from 'vega-lite';
import type { LearnedClass } from '../../polling/learned-times.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import { UsageError } from '../usage-error.ts';

/** What draws: two packages that most who use this one do without. */
export interface VegaPackages {
  vega: typeof Vega;
  vegaLite: typeof VegaLite;
}

/** Loads them. */
export async function loadVega(): Promise<VegaPackages> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  return { vega, vegaLite };
}

// Later ones of vega-lite ask for Node 22.
const install = 'npm install vega@6 vega-lite@6.4';

const minute = 60;
const hour = 60 * minute;
const ticks = [
  1,
  2,
  5,
  10,
  20,
  30,
  ...[1, 2, 5, 10, 20, 30].map((each) => each * minute),
  hour,
  2 * hour,
  6 * hour,
  24 * hour,
];
const labels = `datum.value < ${String(minute)} ? datum.value + ' s' : datum.value < ${String(hour)}
  ? datum.value / ${String(minute)} + ' min' : datum.value / ${String(hour)} + ' h'`;

function barsOf({ provider, resource, durations, vendor, learned, jobs }: LearnedClass) {
  const name = `${provider} ${resource}, ${durations}`;
  const bar = (by: string, range: ProcessingTime | null) =>
    range === null
      ? []
      : [
          {
            ...{ name, by, from: range.earliestMs / 1000, to: range.latestMs / 1000 },
            median: Math.sqrt(range.earliestMs * range.latestMs) / 1000,
            jobs: by === 'learned' ? `${String(jobs)} ${jobs === 1 ? 'job' : 'jobs'}` : '',
          },
        ];
  return [...bar('vendor', vendor), ...bar('learned', learned)];
}

function specOf(classes: readonly LearnedClass[]): VegaLite.TopLevelSpec {
  const y = { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 400 } } as const;
  const yOffset = { field: 'by', type: 'nominal', sort: ['vendor', 'learned'] } as const;
  const scale = { domain: ['vendor', 'learned'], range: ['#d98c00', '#2a7f3f'] };
  const color = { field: 'by', type: 'nominal', title: 'nearly all jobs, by', scale } as const;
  const x = {
    type: 'quantitative',
    scale: { type: 'log', nice: false, padding: 24 },
    title: 'time from start to end',
  } as const;
  const axis = { values: ticks, labelExpr: labels };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    data: { values: classes.flatMap(barsOf) },
    width: 520,
    height: { step: 16 },
    encoding: { y, yOffset, color },
    layer: [
      { mark: { type: 'rule', strokeWidth: 5 }, encoding: { x: { ...x, field: 'from', axis }, x2: { field: 'to' } } },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x: { ...x, field: 'median', axis } } },
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 9 },
        encoding: { x: { ...x, field: 'to', axis }, text: { field: 'jobs' } },
      },
    ],
  };
}

/**
 * Draws the classes as an SVG: a bar from where 5 % of jobs have ended to where 95 % have, its middle marked, by the
 * vendor and as learned, with the number of jobs.
 * @throws UsageError where the packages that draw are not installed, with the command that does it.
 */
export async function drawSvg(classes: readonly LearnedClass[], load = loadVega): Promise<string> {
  const { vega, vegaLite } = await load().catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw error;
    throw new UsageError(`--svg needs two packages that are not installed. Add them with\n  ${install}`);
  });
  const { spec } = vegaLite.compile(specOf(classes));
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
