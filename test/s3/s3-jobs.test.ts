import { access } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import type { IngestInput, IngestResult } from '../../src/contract/ingest.ts';
import type { Artifact } from '../../src/contract/job.ts';
import { refuseCanaries } from '../setup/canaries.ts';
import { eventually } from '../setup/eventually.ts';
import { mediaIn, mediaNamedIn } from '../setup/own-results.ts';
import { readRecordedText } from '../setup/recorded-text.ts';
import { startS3Server, useS3Environment } from '../setup/s3-server.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const server = await startS3Server();
afterAll(() => server?.stop());

describe.skipIf(server === null)('jobs from S3 to S3', () => {
  if (server === null) return;
  const results = 's3://results/jobs';
  let world: World;
  let jobs: ProviderJobs;
  beforeAll(async () => {
    useS3Environment(server.environment);
    world = await startWorld({
      environment: { PROVIDER_JOBS_RESULTS: results },
      simulator: { chunkSizeBytes: 100_000 },
    });
    // It may keep what objects hold whose names do not say.
    process.env['XDG_CACHE_HOME'] = world.folder;
    jobs = new ProviderJobs(world.client);
  });
  afterAll(async () => {
    await world.close();
  });
  const read = async (artifact: Artifact) => text(await jobs.openArtifact(artifact));

  it('bring the media of an object to every provider, and their results to a bucket', async () => {
    const media = makeWav(60, 1);
    const source = await server.put('talks/talk 1.wav', media);
    const steps = (['soket', 'twelvelabs', 'tiro', 'slng'] as const).map((provider) => ({ provider }));
    const pipeline = await jobs.pipeline({ source, steps }, { key: 's3' });
    const { succeeded, jobs: done } = await pipeline.result();
    expect(succeeded).toBe(true);
    expect(done.map(({ artifacts }) => artifacts.length)).not.toContain(0);
    for (const { workflowId, artifacts } of done) {
      for (const artifact of artifacts) {
        expect(artifact.uri).toBe(`${results}/${world.namespace}/${workflowId}/${artifact.name}`);
        expect(mediaNamedIn(await read(artifact))).toEqual([mediaIn(media)]);
      }
    }
    const stored = new ProviderJobs(world.client, { results });
    const { artifacts = [] } = done[0] ?? {};
    for (const artifact of artifacts)
      expect(await text(await stored.openArtifact(artifact))).toBe(await read(artifact));
    // Nothing of it came to rest on this machine.
    await expect(access(world.resultsDirectory)).rejects.toThrow('ENOENT');
    for (const { workflowId } of [pipeline, ...done]) {
      refuseCanaries(workflowId, await readRecordedText(world.client, workflowId));
    }
  });

  it('fail where the object changes while it is sent', async () => {
    const source = await server.put('changing.wav', makeWav(60, 2));
    const held = world.simulator.addFault({ kind: 'hold', operation: 'twelvelabs.create-session' });
    const job = await jobs.start('twelvelabs', { source });
    await eventually(
      'the object was looked at',
      () => world.simulator.calls({ operation: 'twelvelabs.create-session' })[1],
    );
    await server.put('changing.wav', makeWav(60, 3));
    world.simulator.release(held);
    const { failure } = await job.result();
    expect(failure).toEqual({
      type: 'SourceUnreadable',
      message: `${source} is not the content that this job began with; start a new job for the new content`,
    });
  });

  it.each([
    ['s3://media/none.wav', 'cannot be read (NoSuchKey): there is no such object; check the key'],
    [
      'gs://media/talk.wav',
      "does not read; it reads file:, https:, s3:, and others that it is started with as sources: { 'gs:': … }",
    ],
  ])('fail at once where %s can never be read', async (source, words) => {
    const { failure } = await (await jobs.start('tiro', { source })).result();
    expect(failure).toEqual({ type: 'SourceUnreadable', message: expect.stringContaining(words) as string });
  });

  describe('an ingest of a prefix', () => {
    const steps = [{ provider: 'tiro' as const }];
    const run = async (id: string, input: Partial<IngestInput> = {}): Promise<IngestResult> => {
      const handle = await world.start('ingest', id, { directory: 's3://media/in', steps, ...input });
      return (await handle.result()) as IngestResult;
    };
    const finish = async ({ started }: IngestResult) => {
      for (const { workflowId } of started) {
        expect(await jobs.pipelineHandle(workflowId).result()).toMatchObject({ succeeded: true });
      }
    };

    it('starts one pipeline for each content, and does none twice', async () => {
      const one = makeWav(2, 11);
      await server.put('in/one.wav', one);
      await server.put('in/copy of one.wav', one);
      await server.put('in/two', makeWav(2, 12));
      await server.put('in/notes', 'x'.repeat(100));
      for (const name of ['.hidden.wav', 'half.wav.part', 'notes.txt', 'below/three.wav'])
        await server.put(`in/${name}`, 'x');
      await server.put('in/empty.wav', '');
      await server.put('in/', '');
      const first = await run('first look');
      expect(first).toMatchObject({ known: 1, failed: [], counts: { started: 2, done: 0, skipped: 4 } });
      expect(first.started.map(({ path }) => path).sort()).toEqual([
        expect.stringMatching(/^s3:\/\/media\/in\/(copy of )?one\.wav$/),
        's3://media/in/two',
      ]);
      expect(Object.fromEntries(first.skipped.map(({ path, why }) => [path, why]))).toEqual({
        's3://media/in/half.wav.part': 'still being written, by its name',
        's3://media/in/notes.txt': 'not audio or video, by its name or its content',
        's3://media/in/notes': 'not audio or video, by its name or its content',
        's3://media/in/empty.wav': 'empty',
      });
      await finish(first);
      expect(await run('second look')).toMatchObject({ started: [], known: 3, counts: { done: 3 } });
    });

    it('takes new content under an old name, and what was moved for what it is', async () => {
      await server.put('in/one.wav', makeWav(2, 13));
      await server.put('in/moved.wav', makeWav(2, 12));
      await server.client.send(new DeleteObjectCommand({ Bucket: 'media', Key: 'in/two' }));
      const third = await run('third look');
      expect(third).toMatchObject({ started: [{ path: 's3://media/in/one.wav' }], known: 2 });
      await finish(third);
    });

    it('fails in words where there is no such bucket', async () => {
      await expect(run('no bucket', { directory: 's3://no-such-bucket/in' })).rejects.toMatchObject({
        cause: {
          cause: {
            type: 'SourceUnreadable',
            message:
              's3://no-such-bucket/in/ cannot be read (NoSuchBucket): there is no such bucket; check its name, AWS_ENDPOINT_URL and the account',
          },
        },
      });
    });
  });
});
