import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasProgram } from './prometheus.ts';

const folder = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');
const namesIn = (text: string, key: string) =>
  new Set([...text.matchAll(new RegExp(`${key}: (ProviderJobs\\w+)`, 'g'))].map(([, name]) => name));

describe('the alerts', () => {
  const alerts = namesIn(read('alerts.yml'), 'alert');

  it.skipIf(!hasProgram('promtool', 'whether alerts fire when they should'))(
    'are rules that Prometheus takes, fire when they should and only then',
    () => {
      for (const [what, file] of [
        ['check', 'alerts.yml'],
        ['test', 'alerts.test.yml'],
      ] as const) {
        const { status, stdout, stderr } = spawnSync('promtool', [what, 'rules', file], { cwd: folder });
        expect(status, `${String(stdout)}${String(stderr)}`).toBe(0);
      }
    },
  );

  it('have a case each that fires them', () => {
    expect(namesIn(read('alerts.test.yml'), 'alertname')).toEqual(alerts);
  });

  it('are on the page, and lead to pages that are there', () => {
    const page = readFileSync(`${folder}../../docs/observability.md`, 'utf8');
    for (const name of alerts) expect(page).toContain(`\`${String(name)}\``);
    const runbooks = new Set([...read('alerts.yml').matchAll(/runbook: (\S+)/g)].map(([, path = '']) => path));
    for (const runbook of runbooks) {
      const [path = '', anchor] = runbook.split('#');
      const headings = readFileSync(`${folder}../../${path}`, 'utf8').matchAll(/^#+ (.+)$/gm);
      const anchors = [...headings].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'));
      if (anchor !== undefined) expect(anchors).toContain(anchor);
    }
  });
});
