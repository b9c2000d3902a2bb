import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MetricDescription, metrics, prometheusName } from '../../src/contract/metrics.ts';
import { providerNameAttribute } from '../../src/contract/search-attributes.ts';
import { eventually } from '../setup/eventually.ts';
import { startWorld, type World } from '../setup/world.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/observability.md');

it('the page names every metric as the table does', () => {
  const rows = Object.values<MetricDescription>(metrics).map((metric) => {
    const labels = Object.entries(metric.labels).map(([label, meaning]) => `\`${label}\`: ${meaning}`);
    const [name, kind] = [prometheusName(metric), `${metric.kind}, ${metric.unit}`];
    return `| \`${name}\` | ${kind} | ${metric.meaning} | ${labels.join('; ')} |`;
  });
  expect(page.split('\n').filter((line) => line.startsWith('| `provider_jobs_'))).toEqual(rows);
});

describe('the views of the Web UI', () => {
  const links = [...page.matchAll(/^\| \[(.+)\]\((.+)\) \| `(.+)` \|$/gm)].map(
    ([, name = '', link = '', query = '']) => ({
      ...{ name, query },
      linked: new URL(link).searchParams.get('query'),
    }),
  );
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_ROLES: 'workflows' } });
    // A worker registers what they ask for; these are served by none.
    for (const provider of ['tiro', 'slng']) {
      await world.client.workflow.start('anything', {
        ...{ taskQueue: 'unserved', workflowId: `a job of ${provider}` },
        typedSearchAttributes: [{ key: providerNameAttribute, value: provider }],
      });
    }
  });
  afterAll(() => world.close());

  it('are there', () => {
    expect(links.length).toBeGreaterThanOrEqual(10);
  });

  it.each(links)('lead to what they say, which a server takes: $name', async ({ name, query, linked }) => {
    expect(linked).toBe(query);
    const found = { 'running at Tiro': 1, 'not yet at a provider': 2 }[name] ?? 0;
    await eventually('it finds them', async () => (await world.client.workflow.count(query)).count === found);
  });

  it('are linked in the README with queries of the page', () => {
    const queries = [...read('README.md').matchAll(/workflows\?query=([^)]+)\)/g)].map(([, query = '']) =>
      decodeURIComponent(query),
    );
    expect(queries.length).toBeGreaterThanOrEqual(3);
    expect(links.map(({ query }) => query)).toEqual(expect.arrayContaining(queries));
  });
});
