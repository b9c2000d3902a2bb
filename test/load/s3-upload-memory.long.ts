import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Upload } from '@aws-sdk/lib-storage';
import prettyBytes from 'pretty-bytes';
import { afterAll, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import { startS3Server, type S3Server } from '../setup/s3-server.ts';
import { startWorkerProcess } from '../setup/worker-process.ts';
import { startWorld } from '../setup/world.ts';

const sizeBytes = 1024 ** 3;
const mostAddedBytes = 100 * 1000 ** 2;
const server = await startS3Server();
afterAll(() => server?.stop());

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

/** What a process holds once it holds no more from one second to the next. */
async function restingBytes(pid: number): Promise<number> {
  let [before, now] = [Infinity, await residentBytes(pid)];
  while (Math.abs(now - before) > 1024 ** 2) {
    await delay(1000);
    [before, now] = [now, await residentBytes(pid)];
  }
  return now;
}

async function putLarge({ client }: S3Server): Promise<string> {
  const piece = Buffer.alloc(1024 ** 2, 7);
  const pieces = Readable.from(Array.from({ length: sizeBytes / piece.length }, () => piece));
  const params = { Bucket: 'media', Key: 'large.mp4', Body: pieces, ContentType: 'video/mp4' };
  await new Upload({ client, params, partSize: 16 * 1024 ** 2 }).done();
  return 's3://media/large.mp4';
}

it.skipIf(server === null)('1 GiB from S3 to TwelveLabs adds at most 100 MB to a worker', async () => {
  if (server === null) return;
  const source = await putLarge(server);
  const world = await startWorld({ startWorker: false, timeScale: 20 });
  const environment = { ...world.environment, ...server.environment };
  const worker = await startWorkerProcess(environment, { cwd: world.folder });
  const pid = worker.process.pid ?? 0;
  const idleBytes = await restingBytes(pid);
  let peakBytes = idleBytes;
  const sampler = setInterval(() => {
    void residentBytes(pid).then((bytes) => (peakBytes = Math.max(peakBytes, bytes)));
  }, 100);
  const startedAtMs = Date.now();
  const job = await new ProviderJobs(world.client).start('twelvelabs', { source });
  const { phase } = await job.result();
  clearInterval(sampler);
  const seconds = Math.round((Date.now() - startedAtMs) / 1000);
  console.log(
    `1 GiB in ${String(seconds)} s: worker idle ${prettyBytes(idleBytes)}, ` +
      `at most ${prettyBytes(peakBytes)}, added ${prettyBytes(peakBytes - idleBytes)}`,
  );
  await worker.kill();
  const sent = Object.values(Object.values(world.simulator.counters().parts)[0] ?? {});
  await world.close();
  expect(phase).toBe('succeeded');
  expect(sent.filter((times) => times > 1)).toEqual([]);
  expect(peakBytes - idleBytes).toBeLessThanOrEqual(mostAddedBytes);
});
