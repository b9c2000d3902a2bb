import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { ActivityDependencies } from '../../../src/activities/activity-dependencies.ts';
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
import { Attempts, endOf, inAttempt } from '../../setup/attempts.ts';
import { eventually } from '../../setup/eventually.ts';
import { makeWav } from '../../setup/wav.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

const key = 'id.canary-0123456789';
const jobs = '/v1/external/voice-file/jobs';

describe('the activities of Tiro', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  let folder: string;
  let source: SourceDescription;
  let dependencies: ActivityDependencies;
  let activities: ReturnType<typeof createTiroActivities>;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
    folder = await mkdtemp(join(tmpdir(), 'tiro-activities-'));
    const path = join(folder, 'talk.wav');
    await writeFile(path, makeWav(2));
    source = await inspectSource(pathToFileURL(path).href, { signal: new AbortController().signal });
    dependencies = {
      connect: () =>
        Promise.resolve(
          createProviderConnection({
            ...{ provider: providers.tiro, baseUrl: server.url, key, agents },
          }),
        ),
      inspectSource: (uri, signal) => inspectSource(uri, { signal }),
      openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
      results: createDirectoryResultStore(join(folder, 'results')),
      timeScale: 100,
      random: () => 0.5,
      looks: new LookPlanner({ timeScale: 100, random: () => 0.5 }),
    };
    activities = createTiroActivities(dependencies);
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
      expect(known).toMatchObject({ memory: { jobId: 'job-1', uploaded: false, abandoned: [] } });
      expect(beats.at(-1)).toMatchObject({ memory: { jobId: 'job-1', uploaded: true, abandoned: [] } });
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

    it('understands what a worker of 0.1 and one of today have left', async () => {
      const memory: UploadTiroFileResult = { jobId: 'job-1', uploaded: true, abandoned: [] };
      for (const heartbeatDetails of [memory, { errors: null, memory }]) {
        await expect(upload(inAttempt({ attempt: 2, heartbeatDetails }))).resolves.toEqual(memory);
      }
    });

    test.each<[string, Answer[]]>([
      ['503', [answer(503, '<Error><Code>SlowDown</Code></Error>')]],
      ['429', [answer(429, '')]],
      ['a lost answer', [(response) => response.destroy()]],
      ['one trouble after the other', [500, 502, 429, 503].map((status) => answer(status, ''))],
    ])('asks storage again at the same address after %s, and makes no second job', async (_what, troubles) => {
      server.answers.push(created(), ...troubles, answer(200, ''));
      await expect(upload()).resolves.toEqual({ jobId: 'job-1', uploaded: true, abandoned: [] });
      const [post, ...puts] = server.requests;
      expect(post?.path).toBe(jobs);
      expect(puts.map(({ path }) => path)).toEqual(Array(troubles.length + 1).fill('/bucket/talk?sig=SECRET'));
      expect(Number(puts.at(-1)?.headers['content-length'])).toBe(source.sizeBytes);
    });

    test.each([
      [403, 'ProviderUnavailable', false],
      [400, 'RequestRejected', true],
    ])('says what storage answers with %i, which no patience at this address cures', async (status, type, final) => {
      server.answers.push(created(), answer(status, '<Error>sig=SECRET</Error>'));
      const { error, beats } = await endOf(uploadTiroFile, { source, options: {} });
      expect(error).toMatchObject({ type, nonRetryable: final });
      expect((error as Error).message).toContain(`Could not upload the file to Tiro (HTTP ${String(status)})`);
      expect(JSON.stringify([(error as Error).message, beats])).not.toContain('SECRET');
      expect(server.requests).toHaveLength(2);
    });

    it('gives an address up when its hour is over, with the next attempt at a new job', async () => {
      // Scaled like this the hour is 360 ms.
      const brief = createTiroActivities({ ...dependencies, timeScale: 10_000 }).transfers;
      const attempts = new Attempts((input: UploadTiroFileInput) => brief.uploadTiroFile(input), {
        ...{ source, options: {} },
      });
      server.answers.push(created(), answer(503, ''));
      const { error } = await attempts.next();
      expect(error).toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
      expect((error as Error).message).toContain('the upload address expired');
      expect(asked().filter((call) => call.startsWith('PUT')).length).toBeGreaterThan(1);
      server.answers.splice(0, Infinity, created('job-2'), answer(200, ''));
      expect((await attempts.next()).result).toEqual({ jobId: 'job-2', uploaded: true, abandoned: ['job-1'] });
    });

    it('creates nothing where the source has changed', async () => {
      const changed = { ...source, fingerprint: 'another' };
      const run = inAttempt().run(uploadTiroFile, { source: changed, options: {} });
      await expect(run).rejects.toMatchObject({ type: 'SourceUnreadable', nonRetryable: true });
      expect(server.requests).toHaveLength(0);
    });

    test.each(['workerShutdown', 'paused', 'reset', 'timedOut'] as const)(
      'does not take its own end for that of the job where the reason is %s',
      async (reason) => {
        const environment = inAttempt();
        server.answers.push(created(), () => undefined);
        const ended = endOf(uploadTiroFile, { source, options: {} }, environment);
        await eventually('the upload has begun', () => server.requests.length === 2);
        environment.cancel('CANCELLED', new ActivityCancellationDetails({ [reason]: true }));
        const { error, beats } = await ended;
        expect(error).toBeInstanceOf(CancelledFailure);
        server.answers.splice(0, Infinity, created('job-2'), answer(200, ''));
        const next = upload(inAttempt({ attempt: 2, heartbeatDetails: beats.at(-1) }));
        await expect(next).resolves.toMatchObject({ jobId: 'job-2', abandoned: ['job-1'] });
      },
    );

    it('keeps the id where it is cancelled while storage is waited for', async () => {
      const environment = inAttempt();
      server.answers.push(created(), answer(503, '', { 'retry-after': '600' }));
      const result = upload(environment);
      await eventually('storage has refused', () => server.requests.length === 2);
      environment.cancel('CANCELLED');
      await expect(result).resolves.toEqual({ jobId: 'job-1', uploaded: false, abandoned: [] });
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

    it('asks for nothing more where the answer is good', async () => {
      server.answers.push(answer(200, ''));
      await complete();
      expect(asked()).toEqual([`PUT ${path}/upload-complete`]);
    });

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
      ['an answer that is not JSON', answer(200, 'OK')],
    ])('is settled by reading the job after %s', async (_what, script) => {
      server.answers.push(script, job('PROCESSING'));
      await complete();
      expect(asked()).toHaveLength(2);
    });

    test.each(['CREATED', 'DREAMING'])('did not take where the job is %s, and is asked again', async (status) => {
      server.answers.push(answer(409, {}), job(status));
      await expect(complete()).rejects.toMatchObject({ type: 'RequestRejected', nonRetryable: false });
    });

    it('is refused for good where no earlier call can have taken', async () => {
      server.answers.push(answer(422, { error: { code: 422000, message: 'no audio' } }), job('CREATED'));
      await expect(complete()).rejects.toMatchObject({
        ...{ type: 'RequestRejected', nonRetryable: true },
        message: expect.stringContaining('no audio') as string,
      });
    });

    describe('after an answer that was lost and a look that failed', () => {
      const begun = async () => {
        const attempts = new Attempts(completeTiroUpload, { jobId: 'job-1' });
        server.answers.push((response) => response.destroy(), answer(503, {}));
        expect((await attempts.next()).error).toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
        return attempts;
      };
      const thenRefused = (status: number, shows: string) => {
        server.answers.splice(0, Infinity, answer(status, { error: { message: 'not in this state' } }), job(shows));
      };

      test.each([400, 404, 409, 422])('is settled by reading the job where %i refuses a second one', async (status) => {
        const attempts = await begun();
        thenRefused(status, 'PROCESSING');
        expect((await attempts.next()).error).toBeNull();
      });

      test.each([400, 404, 409, 422])('is settled later where the job does not show it yet at %i', async (status) => {
        const attempts = await begun();
        for (let tries = 0; tries < 3; tries += 1) {
          thenRefused(status, 'CREATED');
          expect((await attempts.next()).error).toMatchObject({ nonRetryable: false });
        }
        thenRefused(status, 'UPLOADED');
        expect((await attempts.next()).error).toBeNull();
      });

      it('is refused in the end, in the words of Tiro', async () => {
        const attempts = await begun();
        // Scaled like this two minutes are 1.2 s.
        const end = await eventually('Tiro has refused for two minutes', async () => {
          thenRefused(400, 'CREATED');
          const { error } = await attempts.next();
          return (error as { nonRetryable?: boolean }).nonRetryable === true ? (error as Error) : null;
        });
        expect(end).toMatchObject({ type: 'RequestRejected' });
        expect(end.message).toContain('not in this state');
      });
    });

    it('does not read the job after a refusal of the key', async () => {
      server.answers.push(answer(401, {}));
      await expect(complete()).rejects.toMatchObject({ type: 'CredentialRejected', nonRetryable: false });
      expect(asked()).toHaveLength(1);
    });
  });
});
