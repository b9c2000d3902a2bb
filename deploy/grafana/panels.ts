import { metrics, prometheusName } from '../../src/contract/metrics.ts';

/** One curve, or several by the labels in its legend. */
export interface Curve {
  expression: string;
  /** With labels as `{{provider}}`. */
  legend: string;
}

/** One panel: what it shows, and in which of Grafana's units. */
export interface PanelDescription {
  title: string;
  description: string;
  unit: 's' | 'Bps' | 'short' | 'reqps' | 'percentunit';
  curves: Curve[];
}

/** A row of panels. */
export interface RowDescription {
  title: string;
  panels: PanelDescription[];
}

// Every expression is over the chosen namespaces and, where it knows them, providers.
const where = 'namespace=~"$namespace"';
const whereOurs = `${where},provider=~"$provider"`;
const name = Object.fromEntries(
  Object.entries(metrics).map(([key, metric]) => [key, prometheusName(metric)]),
) as Record<keyof typeof metrics, string>;

const rate = (metric: string, by: string, matchers = whereOurs) =>
  `sum by (${by}) (rate(${metric}{${matchers}}[$__rate_interval]))`;
const quantile = (q: number, metric: string, by: string, matchers = whereOurs) =>
  `histogram_quantile(${String(q)}, ${rate(`${metric}_bucket`, `${by}, le`, matchers)})`;
const most = (metric: string, by: string) => `max by (${by}) (${metric}{${whereOurs}})`;
// Every worker with the role `workflows` counts the same jobs.
const once = (metric: string, by: string) => `sum by (${by}) (${most(metric, `namespace, task_queue, ${by}`)})`;

/** What the dashboard shows; also drawn without Grafana, and evaluated against a real Prometheus by a test. */
export const rows: readonly RowDescription[] = [
  {
    title: 'Jobs',
    panels: [
      {
        title: 'Open jobs',
        description: 'Jobs that have not ended, by provider.',
        unit: 'short',
        curves: [{ expression: once(name.open, 'provider'), legend: '{{provider}}' }],
      },
      {
        title: 'Oldest open job',
        description: 'Since its start.',
        unit: 's',
        curves: [{ expression: most(name.oldestOpen, 'provider'), legend: '{{provider}}' }],
      },
      {
        title: 'Stuck jobs',
        description: 'Beyond what 99.9 % of their kind have taken, or beyond their own deadline.',
        unit: 'short',
        curves: [{ expression: once(name.stuck, 'provider, beyond'), legend: '{{provider}}: beyond {{beyond}}' }],
      },
      {
        title: 'Jobs ended',
        description: 'In a second, by how they ended.',
        unit: 'short',
        curves: [{ expression: rate(name.ended, 'provider, phase'), legend: '{{provider}} {{phase}}' }],
      },
      {
        title: 'Jobs that failed on our side',
        description: 'In a second, by type of failure; docs/failures.md says what each means.',
        unit: 'short',
        curves: [
          {
            expression: rate(name.ended, 'provider, failure', `${whereOurs},failure!="none"`),
            legend: '{{provider}} {{failure}}',
          },
        ],
      },
      {
        title: 'Duration of jobs',
        description: 'From the start of the workflow to the end of the job.',
        unit: 's',
        curves: [
          { expression: quantile(0.5, name.duration, 'provider'), legend: '{{provider}} median' },
          { expression: quantile(0.95, name.duration, 'provider'), legend: '{{provider}} 95 %' },
        ],
      },
    ],
  },
  {
    title: 'Waiting',
    panels: [
      {
        title: 'Detection delay',
        description: 'From the end at the provider to where we knew of it.',
        unit: 's',
        curves: [
          { expression: quantile(0.5, name.detectionDelay, 'provider'), legend: '{{provider}} median' },
          { expression: quantile(0.95, name.detectionDelay, 'provider'), legend: '{{provider}} 95 %' },
        ],
      },
      {
        title: 'Status calls per job',
        description: 'In the mean.',
        unit: 'short',
        curves: [
          {
            expression: `${rate(`${name.statusCalls}_sum`, 'provider')} / ${rate(`${name.statusCalls}_count`, 'provider')}`,
            legend: '{{provider}}',
          },
        ],
      },
      {
        title: 'Wait at the limiter',
        description: 'For a turn within the rate of the key, 95 %.',
        unit: 's',
        curves: [{ expression: quantile(0.95, name.limiterWait, 'provider'), legend: '{{provider}}' }],
      },
    ],
  },
  {
    title: 'Traffic',
    panels: [
      {
        title: 'Requests by operation',
        description: 'In a second.',
        unit: 'reqps',
        curves: [{ expression: rate(name.requests, 'provider, operation'), legend: '{{operation}}' }],
      },
      {
        title: 'Requests that failed',
        description: 'In a second, by what was wrong.',
        unit: 'reqps',
        curves: [
          {
            expression: rate(name.requests, 'provider, outcome', `${whereOurs},outcome!="ok"`),
            legend: '{{provider}} {{outcome}}',
          },
        ],
      },
      {
        title: 'Media sent',
        description: 'What is lost is sent again.',
        unit: 'Bps',
        curves: [{ expression: rate(name.sentBytes, 'provider, outcome'), legend: '{{provider}} {{outcome}}' }],
      },
      {
        title: 'Result store',
        description: 'Files written in a second.',
        unit: 'short',
        curves: [{ expression: rate(name.resultWrites, 'outcome', where), legend: '{{outcome}}' }],
      },
    ],
  },
  {
    title: 'Workers',
    panels: [
      {
        title: 'Pollers',
        description: 'Of each task queue.',
        unit: 'short',
        curves: [{ expression: `sum by (task_queue) (temporal_num_pollers{${where}})`, legend: '{{task_queue}}' }],
      },
      {
        title: 'Free slots',
        description: 'For activities, by task queue.',
        unit: 'short',
        curves: [
          {
            expression: `sum by (task_queue) (temporal_worker_task_slots_available{${where},worker_type="ActivityWorker"})`,
            legend: '{{task_queue}}',
          },
        ],
      },
      {
        title: 'Schedule to start',
        description: 'How long a task waits for a worker, 95 %.',
        unit: 's',
        curves: [
          {
            expression: quantile(0.95, 'temporal_activity_schedule_to_start_latency_seconds', 'task_queue', where),
            legend: '{{task_queue}} activities',
          },
          {
            expression: quantile(0.95, 'temporal_workflow_task_schedule_to_start_latency_seconds', 'task_queue', where),
            legend: '{{task_queue}} workflows',
          },
        ],
      },
    ],
  },
];
