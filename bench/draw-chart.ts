import { parse, resetSVGDefIds, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

// Readable on GitHub's light and dark pages.
const look = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  padding: 12,
  axis: { labelFontSize: 11, titleFontSize: 12, gridColor: '#e8e8e8' },
  legend: { labelFontSize: 11, titleFontSize: 12, labelLimit: 320 },
  title: { fontSize: 14, anchor: 'start' },
} as const;

/** Draws a chart as SVG, the same text for the same chart. */
export async function drawChart(spec: TopLevelSpec): Promise<string> {
  const { config = {}, ...rest } = spec;
  const compiled = compile({ ...rest, config: { ...look, ...config } });
  resetSVGDefIds();
  const view = new View(parse(compiled.spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
