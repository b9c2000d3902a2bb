import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../../deploy/grafana/panels.ts';
import { ProviderJobs } from '../../src/client.ts';
import { type MetricDescription, metrics, prometheusName } from '../../src/contract/metrics.ts';
import { findFreePort } from '../../src/dev/free-port.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';
import { hasProgram, startPrometheus, type RunningPrometheus } from './prometheus.ts';

const providers = ['soket', 'twelvelabs', 'tiro', 'slng'] as const;
const seconds = 30;

/** Metrics as they are scraped: each line that is no comment, by its name and labels. */
function readMetrics(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe('the metrics of a worker', () => {
  let world: World;
  let worker: WorkerProcess;
  let prometheus: RunningPrometheus | null = null;
  let address: string;
  let source: string;
  const isThere = hasProgram('prometheus', 'whether every expression of the dashboard gives data');
  const canCheck = hasProgram('promtool', 'whether the names of metrics are as Prometheus wants them');

  const scrape = async () => (await fetch(`http://${address}/metrics`)).text();
  /** The sum of all series of a metric that have these labels. */
  const sumOf = async (name: string, labels: Record<string, string> = {}) => {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const series = [...readMetrics(await scrape())].filter(
      ([key]) => key.startsWith(`${name}{`) && wanted.every((label) => key.includes(label)),
    );
    return series.reduce((sum, [, value]) => sum + value, 0);
  };

  /** A job of each provider that ends well, one that does not, and on the way some trouble. */
  async function runJobs(round: string): Promise<void> {
    const { client, simulator } = world;
    const jobs = new ProviderJobs(client);
    simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 429 });
    simulator.addFault({ kind: 'status', operation: 'twelvelabs.part-put', status: 500 });
    const options = { key: round };
    const started = await Promise.all([
      jobs.start('soket', { source }, options),
      jobs.start('twelvelabs', { source }, options),
      jobs.start('tiro', { source }, options),
      jobs.start('slng', { source }, options),
      jobs.start('slng', { source: `${source}.gone` }, { key: `${round}-gone` }),
    ]);
    const ends = await Promise.all(started.map((job) => job.result()));
    expect(ends.map(({ phase, failure }) => failure?.type ?? phase)).toEqual([
      ...providers.map(() => 'succeeded'),
      'SourceUnreadable',
    ]);
  }

  beforeAll(async () => {
    address = `127.0.0.1:${String(await findFreePort())}`;
    const environment = { PROVIDER_JOBS_METRICS: address };
    world = await startWorld({
      startWorker: false,
      timeScale: 1000,
      simulator: { chunkSizeBytes: 200_000 },
      environment,
    });
    source = await world.writeSource('talk.wav', makeWav(60));
    [worker, prometheus] = await Promise.all([
      startWorkerProcess(world.environment),
      isThere ? startPrometheus(address) : null,
    ]);
    await runJobs('first');
    const sweep = await world.start('sweep', 'sweep/first', { providers: ['soket'] });
    await sweep.result();
  });
  afterAll(async () => {
    await prometheus?.close();
    await worker.drain();
    await world.close();
  });

  it('count each job once, however often its activities were tried', async () => {
    for (const provider of providers) {
      expect(await sumOf('provider_jobs_ended_total', { provider, phase: 'succeeded', failure: 'none' })).toBe(1);
      expect(await sumOf('provider_jobs_status_calls_count', { provider })).toBe(provider === 'slng' ? 2 : 1);
    }
    const failed = { provider: 'slng', phase: 'unknown', failure: 'SourceUnreadable' };
    expect(await sumOf('provider_jobs_ended_total', failed)).toBe(1);
    expect(await sumOf('provider_jobs_ended_total')).toBe(5);
    expect(await sumOf('provider_jobs_duration_seconds_count')).toBe(5);
  });

  it('tell what was sent, and what of it was lost on the way', async () => {
    const sizeBytes = makeWav(60).length;
    for (const provider of providers) {
      expect(await sumOf('provider_jobs_sent_bytes_total', { provider, outcome: 'taken' })).toBe(sizeBytes);
    }
    expect(await sumOf('provider_jobs_sent_bytes_total', { outcome: 'lost' })).toBeGreaterThan(0);
    const parts = { provider: 'twelvelabs', operation: 'upload to storage' };
    expect(await sumOf('provider_jobs_requests_total', { ...parts, outcome: 'unavailable' })).toBe(1);
    expect(await sumOf('provider_jobs_requests_total', { ...parts, outcome: 'ok' })).toBe(
      Math.ceil(sizeBytes / 200_000),
    );
  });

  it('tell what providers refused, and count as many requests as they had', async () => {
    expect(await sumOf('provider_jobs_requests_total', { provider: 'tiro', outcome: 'rate-limited' })).toBe(1);
    for (const provider of providers) {
      expect(await sumOf('provider_jobs_requests_total', { provider }), provider).toBe(
        world.simulator.calls({ provider }).length,
      );
    }
  });

  it('hold every metric of the table, each with the labels that it names', async () => {
    const series = [...readMetrics(await scrape()).keys()];
    for (const metric of Object.values<MetricDescription>(metrics)) {
      const name = prometheusName(metric) + (metric.kind === 'histogram' ? '_count' : '');
      const found = series.find((key) => key.startsWith(`${name}{`)) ?? '';
      const labels = [...found.matchAll(/(\w+)="/g)].map(([, label]) => label);
      expect(labels, name).toEqual(expect.arrayContaining(['namespace', 'task_queue', ...Object.keys(metric.labels)]));
    }
  });

  it.skipIf(!canCheck)('have names that Prometheus has nothing against', async () => {
    const file = join(world.folder, 'metrics.txt');
    await writeFile(file, await scrape());
    const { stdout, stderr } = spawnSync('sh', ['-c', `promtool check metrics < ${file}`], { encoding: 'utf8' });
    // Names of the SDK's are not ours to choose, and neither are `taskQueue` and `workflowType`, which it adds in workflows.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('provider_jobs'));
    expect(ours.filter((line) => !line.includes('label names should be written in'))).toEqual([]);
  });

  it.skipIf(!isThere)('give data to every expression of the dashboard', async () => {
    await eventually('the first jobs were scraped', async () => {
      const scraped = await prometheus?.evaluate('sum(provider_jobs_ended_total)', seconds);
      return scraped?.[0]?.values.some(([, value]) => value === 5);
    });
    await runJobs('second');
    const curves = rows.flatMap(({ panels }) => panels).flatMap((panel) => panel.curves);
    for (const { expression } of curves) {
      const written = expression.replaceAll(/\$(namespace|provider)\b/g, '.*').replaceAll('$__rate_interval', '30s');
      await eventually(`there is data for ${written}`, async () => {
        const series = (await prometheus?.evaluate(written, seconds)) ?? [];
        return series.some(({ values }) => values.some(([, value]) => Number.isFinite(value)));
      });
    }
  });
});
