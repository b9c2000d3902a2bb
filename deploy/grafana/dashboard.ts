import { VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { metrics, prometheusName } from '../../src/contract/metrics.ts';
import { type PanelDescription, rows } from './panels.ts';

const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 24;
const panelsAbreast = 3;
const panelHeight = 8;

function choice(label: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .datasource(datasource)
    .query(`label_values(${metric}, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
}

function panelOf({ title, description, unit, curves }: PanelDescription, id: number, width: number): PanelBuilder {
  const panel = new PanelBuilder()
    .id(id)
    .legend(new VizLegendOptionsBuilder().showLegend(true))
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .span(width)
    .height(panelHeight)
    .datasource(datasource);
  for (const [index, { expression, legend }] of curves.entries()) {
    const query = new DataqueryBuilder().datasource(datasource).expr(expression).legendFormat(legend);
    panel.withTarget(query.range().refId('AB'[index] ?? `R${String(index)}`));
  }
  return panel;
}

/** The dashboard as Grafana imports it. */
export function dashboardJson(): string {
  const dashboard = new DashboardBuilder('provider-jobs')
    .uid('provider-jobs')
    .tags(['temporal', 'provider-jobs'])
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'))
    .withVariable(choice('namespace', 'temporal_num_pollers'))
    .withVariable(choice('provider', prometheusName(metrics.open)));
  let id = 1;
  for (const { title, panels } of rows) {
    dashboard.withRow(new RowBuilder(title).id(id++));
    for (const panel of panels) dashboard.withPanel(panelOf(panel, id++, columns / panelsAbreast));
  }
  return `${JSON.stringify(dashboard.build(), null, 2)}\n`;
}
