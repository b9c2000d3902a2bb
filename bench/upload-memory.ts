// What a 1 GiB upload to TwelveLabs adds to a worker's memory: `npm run build && npm run bench:upload`.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { ProviderJobs } from '../src/client.ts';
import { startTemporalServer } from '../src/dev/temporal-server.ts';
import { SimulatorAdmin, startSimulator } from '../src/simulator/index.ts';

const sizeBytes = Number(process.argv[2] ?? 1024 ** 3);
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const mebibytes = (bytes: number) => `${String(Math.round(bytes / 1024 ** 2))} MiB`;

async function residentBytes(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

if (process.argv[3] === 'simulator') {
  const simulator = await startSimulator({ timeScale: 20 });
  process.send?.({ url: simulator.url, baseUrl: simulator.baseUrls.twelvelabs, key: simulator.keys.twelvelabs[0] });
} else {
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-bench-'));
  const server = await startTemporalServer({ env: process.env, ui: false });
  const simulator = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), '0', 'simulator'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ url, baseUrl, key }] = (await once(simulator, 'message')) as [{ url: string; baseUrl: string; key: string }];
  const healthPort = '18080';
  const worker = spawn(process.execPath, [program, 'worker'], {
    env: {
      PATH: process.env['PATH'],
      TMPDIR: folder,
      TEMPORAL_ADDRESS: server.address,
      TWELVELABS_BASE_URL: baseUrl,
      TWELVELABS_API_KEY: key,
      PROVIDER_JOBS_TIME_SCALE: '20',
      PROVIDER_JOBS_RESULTS: join(folder, 'results'),
      PROVIDER_JOBS_HEALTH_PORT: healthPort,
      PROVIDER_JOBS_LOG_LEVEL: 'warn',
    },
    stdio: 'inherit',
  });
  try {
    const path = join(folder, 'video.mp4');
    const file = await open(path, 'w');
    await file.truncate(sizeBytes);
    await file.close();
    while (!(await fetch(`http://127.0.0.1:${healthPort}/readyz`).catch(() => null))?.ok) await delay(200);
    await delay(3000);
    const idleBytes = await residentBytes(worker);
    let peakBytes = idleBytes;
    const jobs = new ProviderJobs(new Client({ connection: await Connection.connect({ address: server.address }) }));
    const startedAt = Date.now();
    const job = await jobs.start('twelvelabs', { source: pathToFileURL(path).href });
    const sampler = setInterval(() => {
      void residentBytes(worker).then((bytes) => (peakBytes = Math.max(peakBytes, bytes)));
    }, 100);
    const result = await job.result();
    clearInterval(sampler);
    const counters = await new SimulatorAdmin(url).counters();
    const [parts = {}] = Object.values(counters.parts);
    console.log(`phase ${String(result.phase)} after ${String(Math.round((Date.now() - startedAt) / 1000))} s`);
    console.log(
      `parts ${String(Object.keys(parts).length)}, sent more than once ${String(Object.values(parts).filter((times) => times > 1).length)}`,
    );
    console.log(
      `worker idle ${mebibytes(idleBytes)}, peak ${mebibytes(peakBytes)}, added ${mebibytes(peakBytes - idleBytes)}`,
    );
  } finally {
    worker.kill('SIGKILL');
    simulator.kill('SIGKILL');
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  process.exit(0);
}
