import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Error as ErrorLevel, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { z } from 'zod';
import { type Curve, type PanelDescription, rows } from './panels.ts';

// `npm run dashboards:draw -- --prometheus http://127.0.0.1:9090 --minutes 15 --to docs/dashboard.svg`: the data of the
// dashboard as a picture, where there is no Grafana.

const { values: given } = parseArgs({
  options: {
    prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
    minutes: { type: 'string', default: '15' },
    to: { type: 'string', default: 'docs/dashboard.svg' },
  },
});

const seconds = Number(given.minutes) * 60;
const points = 100;
const answer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string().transform(Number)])),
      }),
    ),
  }),
});

async function read({ expression, legend }: Curve) {
  const query = expression.replaceAll(/\$(namespace|provider)\b/g, '.*').replaceAll('$__rate_interval', '1m');
  const end = Date.now() / 1000;
  const step = String(Math.max(1, Math.round(seconds / points)));
  const body = new URLSearchParams({ query, start: String(end - seconds), end: String(end), step });
  const response = await fetch(`${given.prometheus}/api/v1/query_range`, { method: 'POST', body });
  if (!response.ok) throw new Error(`Prometheus refuses ${query}: ${await response.text()}`);
  return answer.parse(await response.json()).data.result.flatMap(({ metric, values }) => {
    const curve = legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');
    return values.flatMap(([at, value]) => (Number.isFinite(value) ? [{ at: at * 1000, value, curve }] : []));
  });
}

async function chartOf({ title, description, unit, curves }: PanelDescription) {
  const values = (await Promise.all(curves.map(read))).flat();
  return {
    title: { text: title, subtitle: description, anchor: 'start', limit: 420 },
    ...{ width: 380, height: 150, data: { values } },
    mark: { type: 'line', strokeWidth: 1.5 },
    encoding: {
      x: { field: 'at', type: 'temporal', title: null, axis: { format: '%H:%M', tickCount: 5, grid: false } },
      y: {
        field: 'value',
        type: 'quantitative',
        title: unit === 'short' ? null : unit,
        axis: { format: '~s', tickCount: 4 },
      },
      color: {
        field: 'curve',
        type: 'nominal',
        title: null,
        legend: { orient: 'right', labelLimit: 230, symbolLimit: 14 },
      },
    },
  } as const;
}

const spec = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  config: { view: { stroke: '#ddd' }, font: 'sans-serif' },
  background: 'white',
  columns: 3,
  concat: await Promise.all(rows.flatMap(({ panels }) => panels).map(chartOf)),
  resolve: { scale: { color: 'independent', x: 'shared' } },
} satisfies TopLevelSpec;

const view = new View(parse(compile(spec).spec), { renderer: 'none', logLevel: ErrorLevel });
// A tenth of a pixel is enough, and a quarter of the file.
const drawn = (await view.toSVG()).replaceAll(/(\d\.\d)\d+/g, '$1').replaceAll(/ aria-\w+="[^"]*"/g, '');
await writeFile(given.to, `${drawn}\n`);
console.log(`Drawn: ${given.to}`);
