import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import {
  createTiroActivities,
  type UploadTiroFileInput,
  type UploadTiroFileResult,
} from '../../../src/activities/tiro/tiro.ts';
import { createProviderAgents, type ProviderAgents } from '../../../src/http/agents.ts';
import { createProviderConnection } from '../../../src/providers/connection/provider-connection.ts';
import { providers } from '../../../src/providers/registry.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import type { SourceDescription } from '../../../src/upload/media-source.ts';
import { openSource } from '../../../src/upload/open-source.ts';
import { answer, type Answer, type ApiServer, startApiServer } from '../../http/api-server.ts';
import { eventually } from '../../setup/eventually.ts';
import { makeWav } from '../../setup/wav.ts';

const key = 'id.canary-0123456789';
const jobs = '/v1/external/voice-file/jobs';

describe('the activities of Tiro', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  let folder: string;
  let source: SourceDescription;
  let activities: ReturnType<typeof createTiroActivities>;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
    folder = await mkdtemp(join(tmpdir(), 'tiro-activities-'));
    const path = join(folder, 'talk.wav');
    await writeFile(path, makeWav(2));
    source = await inspectSource(pathToFileURL(path).href, { signal: new AbortController().signal });
    activities = createTiroActivities({
      connect: () =>
        Promise.resolve(
          createProviderConnection({
            ...{ provider: providers.tiro, baseUrl: server.url, key, agents },
            takeTurn: () => Promise.resolve(),
          }),
        ),
      inspectSource: (uri, signal) => inspectSource(uri, { signal }),
      openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
      results: createDirectoryResultStore(join(folder, 'results')),
      timeScale: 1,
      random: () => 0.5,
    });
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answers.length = 0;
  });
  afterAll(async () => {
    await agents.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  const uploadTiroFile = (input: UploadTiroFileInput) => activities.transfers.uploadTiroFile(input);
  const completeTiroUpload = (input: { jobId: string }) => activities.calls.completeTiroUpload(input);
  const asked = () => server.requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  const inAttempt = (info: { attempt?: number; heartbeatDetails?: unknown } = {}) =>
    new MockActivityEnvironment({ attempt: 1, ...info }, { logger: new DefaultLogger('ERROR') });
  const created = (id = 'job-1') => answer(201, { id, uploadUri: `${server.url}/bucket/talk?sig=SECRET` });

  describe('uploadTiroFile', () => {
    const upload = (environment = inAttempt()) =>
      environment.run(uploadTiroFile, { source, options: { translationLocales: ['ko_KR'] } });

    it('creates a job and uploads the file to its address, without the key', async () => {
      server.answers.push(created(), answer(200, ''));
      await expect(upload()).resolves.toEqual({ jobId: 'job-1', uploaded: true, abandoned: [] });
      expect(asked()).toEqual([`POST ${jobs}`, 'PUT /bucket/talk']);
      const [, put] = server.requests;
      expect(put?.headers).toMatchObject({ 'content-type': 'audio/wav', 'content-length': String(source.sizeBytes) });
      expect(put?.headers).not.toHaveProperty('authorization');
    });

    it('remembers the job before the first byte is sent, and keeps the address out of the heartbeat', async () => {
      const beats: unknown[] = [];
      const environment = inAttempt();
      environment.on('heartbeat', (details) => beats.push(details));
      let known: unknown;
      server.answers.push(created(), (response) => {
        known = beats.at(-1);
        response.end();
      });
      await upload(environment);
      expect(known).toEqual({ jobId: 'job-1', uploaded: false, abandoned: [] });
      expect(beats.at(-1)).toEqual({ jobId: 'job-1', uploaded: true, abandoned: [] });
      expect(JSON.stringify(beats)).not.toContain('SECRET');
    });

    it('makes a new job in a later attempt, since the address of the first is lost, and says which', async () => {
      const heartbeatDetails: UploadTiroFileResult = { jobId: 'job-2', uploaded: false, abandoned: ['job-1'] };
      server.answers.push(created('job-3'), answer(200, ''));
      await expect(upload(inAttempt({ attempt: 3, heartbeatDetails }))).resolves.toEqual({
        ...{ jobId: 'job-3', uploaded: true, abandoned: ['job-1', 'job-2'] },
      });
    });

    it('uploads nothing again where an earlier attempt came to its end', async () => {
      const heartbeatDetails: UploadTiroFileResult = { jobId: 'job-1', uploaded: true, abandoned: [] };
      await expect(upload(inAttempt({ attempt: 2, heartbeatDetails }))).resolves.toEqual(heartbeatDetails);
      expect(server.requests).toHaveLength(0);
    });

    test.each([
      [403, 'storage-refused'],
      [503, 'unavailable'],
    ])('says what storage answers with %i', async (status, kind) => {
      server.answers.push(created(), answer(status, '<Error>sig=SECRET</Error>'));
      const error: unknown = await upload().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ kind, status, operation: 'upload the file to Tiro' });
      expect((error as Error).message).not.toContain('SECRET');
    });

    it('creates nothing where the source has changed', async () => {
      const changed = { ...source, fingerprint: 'another' };
      const run = inAttempt().run(uploadTiroFile, { source: changed, options: {} });
      await expect(run).rejects.toMatchObject({ name: 'SourceError', kind: 'changed' });
      expect(server.requests).toHaveLength(0);
    });

    it('keeps the id where it is cancelled while it creates', async () => {
      const environment = inAttempt();
      server.answers.push((response, request) => {
        environment.cancel('CANCELLED');
        created()(response, request);
      });
      await expect(upload(environment)).resolves.toEqual({ jobId: 'job-1', uploaded: false, abandoned: [] });
    });

    it('keeps the id where it is cancelled while it uploads', async () => {
      const environment = inAttempt();
      server.answers.push(created(), () => undefined);
      const result = upload(environment);
      await eventually('the upload has begun', () => server.requests.length === 2);
      environment.cancel('CANCELLED');
      await expect(result).resolves.toEqual({ jobId: 'job-1', uploaded: false, abandoned: [] });
    });
  });

  describe('completeTiroUpload', () => {
    const complete = () => inAttempt().run(completeTiroUpload, { jobId: 'job-1' });
    const path = `${jobs}/job-1`;
    const job = (status: string) => answer(200, { id: 'job-1', status });

    it.each(['', 'OK', '{"id":'])(
      'asks for nothing more where the answer is good, whatever its body: %j',
      async (body) => {
        server.answers.push(answer(200, body));
        await complete();
        expect(asked()).toEqual([`PUT ${path}/upload-complete`]);
      },
    );

    test.each(['UPLOADED', 'PROCESSING', 'COMPLETED', 'FAILED'])(
      'took where the job is %s after a conflict',
      async (status) => {
        server.answers.push(answer(409, {}), job(status));
        await complete();
        expect(asked()).toEqual([`PUT ${path}/upload-complete`, `GET ${path}`]);
      },
    );

    test.each<[string, Parameters<ApiServer['answers']['push']>[0]]>([
      ['a lost answer', (response) => response.destroy()],
      ['an outage', answer(503, {})],
    ])('is settled by reading the job after %s', async (_what, script) => {
      server.answers.push(script, job('PROCESSING'));
      await complete();
      expect(asked()).toHaveLength(2);
    });

    test.each(['CREATED', 'DREAMING'])('did not take where the job is %s', async (status) => {
      server.answers.push(answer(409, {}), job(status));
      await expect(complete()).rejects.toMatchObject({ kind: 'conflict' });
    });

    it('does not read the job after a refusal', async () => {
      server.answers.push(answer(401, {}));
      await expect(complete()).rejects.toMatchObject({ kind: 'credential-refused' });
      expect(asked()).toHaveLength(1);
    });
  });
});
