import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../../src/dev/free-port.ts';
import { eventually } from '../setup/eventually.ts';

/** Whether a program of Prometheus can be run; where not, says loudly what is left out and why. */
export function hasProgram(name: 'prometheus' | 'promtool', left: string): boolean {
  const found = spawnSync(name, ['--version']).error === undefined;
  if (!found) console.warn(`SKIPPED: ${left}. There is no ${name} here; Debian has it: apt-get install prometheus`);
  return found;
}

const point = z.tuple([z.number(), z.string().transform(Number)]);
const answer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(point).min(1) })),
  }),
});

/** One curve as Prometheus has it: its labels, and `[epoch seconds, value]`. */
export type Series = z.infer<typeof answer>['data']['result'][number];

/** A Prometheus that scrapes one worker each second. */
export interface RunningPrometheus {
  url: string;
  /** What an expression has been over the last seconds. */
  evaluate(expression: string, seconds: number): Promise<Series[]>;
  close(): Promise<void>;
}

/** Starts the Prometheus of this machine, with its data in a folder that goes with it. */
export async function startPrometheus(target: string): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const job = { job_name: 'provider-jobs', static_configs: [{ targets: [target] }] };
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [job] }));
  const address = `127.0.0.1:${String(await findFreePort())}`;
  const places = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...places, `--web.listen-address=${address}`], { stdio: 'ignore' });
  const url = `http://${address}`;
  await eventually('Prometheus is ready', async () => {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${String(child.exitCode)}`);
    return (await fetch(`${url}/-/ready`).catch(() => null))?.ok;
  });
  return {
    url,
    async evaluate(expression, seconds) {
      const now = Date.now() / 1000;
      const range = { query: expression, start: String(now - seconds), end: String(now), step: '1' };
      const response = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body: new URLSearchParams(range) });
      if (!response.ok) throw new Error(`${expression}: ${await response.text()}`);
      return answer.parse(await response.json()).data.result;
    },
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
