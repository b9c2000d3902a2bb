import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3ResultStore, S3Connection } from '../../src/s3.ts';
import { ProviderJobs } from '../../src/index.ts';
import { eventually } from '../setup/eventually.ts';
import { mediaIn, mediaNamedIn } from '../setup/own-results.ts';
import { startS3Server, useS3Environment } from '../setup/s3-server.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';

const chunkSizeBytes = 64 * 1024;
const concurrency = 4;
const reportBatch = 10;
const clip = new URL('../../examples/media/clip.mp4', import.meta.url);

const server = await startS3Server();
afterAll(() => server?.stop());

describe.skipIf(server === null)('a pipeline from S3 to S3 over all four providers', { timeout: 180_000 }, () => {
  if (server === null) return;
  const results = 's3://results/jobs';
  const workers: WorkerProcess[] = [];
  let world: World;
  let own: Record<'home' | 'tmp' | 'cwd', string>;
  beforeAll(async () => {
    useS3Environment(server.environment);
    world = await startWorld({ startWorker: false, simulator: { chunkSizeBytes } });
    const [home, tmp, cwd] = ['home', 'tmp', 'cwd'].map((name) => join(world.folder, name));
    own = { home: home ?? '', tmp: tmp ?? '', cwd: cwd ?? '' };
    for (const folder of Object.values(own)) await mkdir(folder);
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await world.close();
  });
  const startWorker = async () => {
    const environment = {
      ...world.environment,
      ...server.environment,
      ...{ HOME: own.home, TMPDIR: own.tmp, PROVIDER_JOBS_RESULTS: results },
    };
    const worker = await startWorkerProcess(environment, { cwd: own.cwd });
    workers.push(worker);
    return worker;
  };

  it('goes on where its worker was killed, and leaves nothing on the disk', async () => {
    const { simulator, client, namespace } = world;
    const media = await readFile(clip);
    const source = await server.put('in/clip.mp4', media, { mediaType: 'video/mp4' });
    const first = await startWorker();
    const held = simulator.addFault({ kind: 'hold', operation: 'twelvelabs.part-put', match: { partIndex: 20 } });
    const jobs = new ProviderJobs(client, { results });
    const steps = (['soket', 'twelvelabs', 'tiro', 'slng'] as const).map((provider) => ({ provider }));
    const pipeline = await jobs.pipeline({ source, steps }, { key: 's3-to-s3' });
    const store = createS3ResultStore(results, new S3Connection());
    const chunks = Math.ceil(media.length / chunkSizeBytes);
    await eventually('only the held part is left, and a result is stored', async () => {
      const puts = simulator.calls({ operation: 'twelvelabs.part-put' });
      const isUploaded = puts.length >= chunks && puts.filter(({ state }) => state === 'open').length === 1;
      const stored = await Promise.all(
        pipelineSteps.map((step) => store.list(`${namespace}/provider-job/${step}/s3-to-s3.${step}`)),
      );
      return isUploaded && stored.some(({ length }) => length > 0);
    });
    await first.kill();
    simulator.release(held);
    await startWorker();
    const { succeeded, jobs: done } = await pipeline.result();
    expect(done.map(({ step, phase, failure }) => ({ step, phase, failure }))).toEqual(
      pipelineSteps.map((step) => ({ step, phase: 'succeeded', failure: null })),
    );
    expect(succeeded).toBe(true);

    // Read back from the bucket: size and SHA-256 are those of the outcome, and the media is the object's.
    for (const { workflowId, artifacts } of done) {
      expect(artifacts).not.toHaveLength(0);
      for (const artifact of artifacts) {
        expect(artifact.uri).toBe(`${results}/${namespace}/${workflowId}/${artifact.name}`);
        expect(mediaNamedIn(await text(await jobs.openArtifact(artifact)))).toEqual([mediaIn(media)]);
      }
      expect(await store.exists(`${namespace}/${workflowId}`, 'outcome.json')).toBe(true);
    }
    expect(await store.exists(`${namespace}/${pipeline.workflowId}`, 'outcome.json')).toBe(true);
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: 'results' }));
    expect(Uploads).toEqual([]);

    const times = Object.values(Object.values(simulator.counters().parts)[0] ?? {});
    expect(times).toHaveLength(chunks);
    expect(times.reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(concurrency + reportBatch);
    for (const folder of Object.values(own)) expect(await readdir(folder, { recursive: true })).toEqual([]);
  });
});

const pipelineSteps = ['soket', 'twelvelabs', 'tiro', 'slng'];
