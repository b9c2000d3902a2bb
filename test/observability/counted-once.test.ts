import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, MetricsBuffer, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject, it, onTestFinished } from 'vitest';
import { ProviderJobs } from '../../src/client.ts';
import { readConfig } from '../../src/config/config.ts';
import { metrics } from '../../src/contract/metrics.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { startWorker } from '../../src/worker.ts';
import { namespaceOf } from '../setup/namespaces.ts';
import { makeWav } from '../setup/wav.ts';

// A runtime of this file's own: that of other tests counts nothing.
const buffer = new MetricsBuffer({ maxBufferSize: 100_000 });
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { metrics: { buffer } } });
const workflowCode = { workflowBundle: { codePath: inject('workflowBundlePath') } };

/** How often each metric of ours was told something since this was last asked. */
function told(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { metric } of buffer.retrieveUpdates()) {
    if (metric.name.startsWith('provider_jobs_')) counts[metric.name] = (counts[metric.name] ?? 0) + 1;
  }
  return counts;
}

it('counts a job once where every workflow task replays its history, and its requests as they are made', async () => {
  const namespace = namespaceOf(expect.getState().testPath ?? '');
  const folder = await mkdtemp(join(tmpdir(), 'provider-jobs-counted-'));
  const simulator = await startSimulator({ timeScale: 1000 });
  const address = inject('temporalAddress');
  const [connection, native] = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
  const config = readConfig({
    ...{ PROVIDER_JOBS_TIME_SCALE: '1000', PROVIDER_JOBS_RESULTS: join(folder, 'results') },
    ...{ TIRO_BASE_URL: simulator.baseUrls.tiro, TIRO_API_KEY: simulator.keys.tiro[0] ?? '' },
  });
  const worker = await startWorker({
    ...{ config, connection: native, namespace, workflowCode },
    workerOptions: { maxCachedWorkflows: 0 },
  });
  onTestFinished(async () => {
    await worker.stop();
    await Promise.all([connection.close(), native.close(), simulator.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'talk.wav');
  await writeFile(path, makeWav(60));
  simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503 });
  simulator.addFault({ kind: 'cut-after', operation: 'tiro.transcript' });
  const job = await new ProviderJobs(new Client({ connection, namespace })).start('tiro', {
    source: pathToFileURL(path).href,
  });
  expect((await job.result()).phase).toBe('succeeded');
  const counts = told();
  expect(counts).toMatchObject({
    [metrics.ended.name]: 1,
    [metrics.duration.name]: 1,
    [metrics.statusCalls.name]: 1,
    [metrics.detectionDelay.name]: 1,
    [metrics.requests.name]: simulator.calls().length,
  });
});

it('counts nothing where a history is replayed', async () => {
  const history: unknown = JSON.parse(await readFile(new URL('../histories/tiro-done.json', import.meta.url), 'utf8'));
  told();
  await Worker.runReplayHistory({ ...workflowCode }, history, 'provider-job/tiro/done');
  expect(told()).toEqual({});
});
