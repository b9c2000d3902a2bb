import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CollectTiroResultsInput, createCollectTiroResults } from '../../../src/activities/tiro/collect.ts';
import type { Artifact, Collected } from '../../../src/contract/job.ts';
import { createProviderAgents, type ProviderAgents } from '../../../src/http/agents.ts';
import { createProviderConnection } from '../../../src/providers/connection/provider-connection.ts';
import { providers } from '../../../src/providers/registry.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import { openSource } from '../../../src/upload/open-source.ts';
import { answer, type Answer, type ApiServer, startApiServer } from '../../http/api-server.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

type Part = 'transcript' | 'summary' | 'translation' | 'its summary';

function partOf(path: string): Part {
  if (path.endsWith('/transcript')) return 'transcript';
  if (!path.endsWith('/paragraph-summary')) return 'translation';
  return path.includes('/translations/') ? 'its summary' : 'summary';
}

const hourMs = 3_600_000;

const timeScale = 100;

describe('collectTiroResults', () => {
  let server: ApiServer;
  let agents: ProviderAgents;
  let folder: string;
  let collect: ReturnType<typeof createCollectTiroResults>;
  let answers: Record<Part, Answer>;
  beforeAll(async () => {
    server = await startApiServer();
    agents = createProviderAgents();
    folder = await mkdtemp(join(tmpdir(), 'tiro-collect-'));
    const connection = createProviderConnection({
      ...{ provider: providers.tiro, baseUrl: server.url, key: 'id.canary-0123456789', agents },
    });
    const results = createDirectoryResultStore(folder);
    collect = createCollectTiroResults({
      connect: () => Promise.resolve(connection),
      inspectSource: (uri) => inspectSource(uri),
      openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
      results,
      timeScale,
      random: () => 0.5,
      looks: new LookPlanner({ timeScale, random: () => 0.5 }),
    });
    server.answers.push((response, request) => {
      answers[partOf(request.path)](response, request);
    });
  });
  beforeEach(() => {
    answers = {
      transcript: answer(200, {
        text: 'hello you',
        segments: [
          { startTimeMillis: '1000', endTimeMillis: 2000, text: 'you', speakerLabel: 'S2' },
          { startTimeMillis: 0, endTimeMillis: 1000, text: 'hello' },
          { startTimeMillis: null, endTimeMillis: 5, text: 'at no time' },
          null,
        ],
      }),
      summary: answer(200, { summary: { type: 'text/markdown', content: '# en' } }),
      translation: answer(200, { jobId: 'job-1', locale: 'ko_KR', text: '안녕' }),
      'its summary': answer(200, { summary: { content: '# ko' } }),
    };
  });
  afterAll(async () => {
    await agents.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function run(attempt: object = {}): Promise<Collected> {
    const times = { attempt: 1, scheduledTimestampMs: Date.now(), scheduleToCloseTimeoutMs: hourMs };
    const environment = new MockActivityEnvironment({ ...times, ...attempt }, { logger: new DefaultLogger('ERROR') });
    const input: CollectTiroResultsInput = { jobId: 'job-1', folder: 'a', translationLocales: ['ko_KR'] };
    return (await environment.run<[], Collected | Artifact[], () => Promise<Collected | Artifact[]>>(() =>
      collect({ ...input, tellsMissing: true }),
    )) as Collected;
  }
  async function failing(attempt: object = {}): Promise<unknown> {
    return run(attempt).then(
      () => null,
      (error: unknown) => error,
    );
  }
  const namesOf = ({ artifacts }: Collected) => artifacts.map(({ name }) => name);
  const read = (artifact: Artifact | undefined) => readFile(fileURLToPath(artifact?.uri ?? ''), 'utf8');
  const all = [
    ...['transcript.json', 'transcript.txt', 'transcript.vtt', 'summary.md'],
    ...['translation.ko_KR.json', 'summary.ko_KR.md'],
  ];

  it('stores the transcript in three forms, its summary, and each translation with its own', async () => {
    const collected = await run();
    expect(namesOf(collected)).toEqual(all);
    expect(collected.missing).toEqual([]);
    const [, text, vtt, summary, , translated] = collected.artifacts;
    expect([await read(text), await read(summary), await read(translated)]).toEqual(['hello you\n', '# en', '# ko']);
    expect(await read(vtt)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nhello\n\n00:00:01.000 --> 00:00:02.000\nyou\n',
    );
    expect(vtt?.mediaType).toBe('text/vtt');
  });

  it('makes the text of the segments where Tiro gives those alone', async () => {
    answers.transcript = answer(200, { segments: [{ text: 'one' }, { text: 'two' }] });
    const { artifacts } = await run();
    expect(await read(artifacts[1])).toBe('one two\n');
  });

  it.each<[string, Answer]>([
    ['404', answer(404, { error: { code: 404000, message: 'there was no speech' } })],
    ['no content', answer(204, '')],
    ['null', answer(200, 'null')],
    ['a summary that is null', answer(200, { summary: null })],
    ['a content that is null', answer(200, { summary: { type: 'text/markdown', content: null } })],
    ['a content that is no text', answer(200, { summary: { content: { blocks: [] } } })],
    ['a feature that is switched off', answer(403, { error: { code: 403000, message: 'not enabled' } })],
    ['a refusal', answer(422, { error: { code: 422000, message: 'too short' } })],
  ])('leaves out a summary that is answered with %s, and says so', async (_what, none) => {
    answers.summary = none;
    const collected = await run();
    expect(namesOf(collected)).toEqual(all.filter((name) => name !== 'summary.md'));
    expect(collected.missing).toEqual([
      { name: 'summary.md', why: expect.stringMatching(/^Could not read the Tiro summary/) as string },
    ]);
  });

  it('repeats the words of Tiro on what is missing', async () => {
    answers['its summary'] = answer(404, { error: { code: 404000, message: 'there was no speech' } });
    answers.translation = answer(200, { locale: 'ko_KR', text: null });
    const { missing } = await run();
    expect(missing).toEqual([
      { name: 'translation.ko_KR.json', why: expect.stringContaining('Tiro has none') as string },
      { name: 'summary.ko_KR.md', why: expect.stringContaining('there was no speech') as string },
    ]);
  });

  it.each([429, 500, 503])('tries again where a part is answered with %i, however often', async (status) => {
    answers.summary = answer(status, {});
    const failure = { type: status === 429 ? 'RateLimited' : 'ProviderUnavailable', nonRetryable: false };
    expect(await failing()).toMatchObject(failure);
    expect(await failing({ attempt: 50 })).toMatchObject(failure);
  });

  it('gives up such a part rather than the job where there is no time for another try', async () => {
    answers.summary = answer(503, {});
    const collected = await run({ attempt: 2, scheduleToCloseTimeoutMs: 60_000 });
    expect(namesOf(collected)).toContain('transcript.txt');
    expect(collected.missing).toMatchObject([{ name: 'summary.md' }]);
  });

  it.each<[string, Answer]>([
    ['no JSON', answer(200, '<html>')],
    ['another shape', answer(200, { data: [] })],
    ['401', answer(401, {})],
  ])(
    'takes a part for missing once it was answered with %s for two minutes and three times, not before',
    async (_what, odd) => {
      answers.translation = odd;
      const after = (count: number, agoMs: number) => {
        const memory = { 'translation.ko_KR.json': { count, sinceMs: Date.now() - agoMs / timeScale } };
        return { attempt: count + 1, heartbeatDetails: { errors: null, memory } };
      };
      for (const environment of [{ attempt: 1 }, after(1, 600_000), after(50, 60_000)]) {
        expect(await failing(environment)).toMatchObject({ name: 'ApplicationFailure', nonRetryable: false });
      }
      const { missing } = await run(after(2, 121_000));
      expect(missing).toMatchObject([{ name: 'translation.ko_KR.json' }]);
    },
  );

  it('lets all parts that are answered oddly wait at once', async () => {
    answers.translation = answer(200, '<html>');
    answers.summary = answer(200, '<html>');
    const beats: unknown[] = [];
    const environment = new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') });
    environment.on('heartbeat', (details: unknown) => beats.push(structuredClone(details)));
    const input = { jobId: 'job-1', folder: 'a', translationLocales: ['ko_KR'] };
    await expect(environment.run(() => collect(input))).rejects.toMatchObject({ type: 'UnexpectedResponse' });
    expect(beats.at(-1)).toMatchObject({
      memory: { 'summary.md': { count: 1 }, 'translation.ko_KR.json': { count: 1 } },
      errors: { count: 1 },
    });
  });

  it('remembers odd answers for the attempt after it', async () => {
    answers.summary = answer(200, '<html>');
    const beats: unknown[] = [];
    const environment = new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') });
    environment.on('heartbeat', (details: unknown) => beats.push(structuredClone(details)));
    const input = { jobId: 'job-1', folder: 'a', translationLocales: [] };
    await expect(environment.run(() => collect(input))).rejects.toMatchObject({ type: 'UnexpectedResponse' });
    expect(beats.at(-1)).toMatchObject({ memory: { 'summary.md': { count: 1 } }, errors: { count: 1 } });
  });

  it('asks for two minutes for a transcript that says nothing, and then keeps what came', async () => {
    answers.transcript = answer(200, { text: null, segments: null });
    expect(await failing()).toMatchObject({ type: 'UnexpectedResponse', nonRetryable: false });
    const heartbeatDetails = {
      errors: null,
      memory: { 'transcript.txt': { count: 2, sinceMs: Date.now() - 121_000 / timeScale } },
    };
    const collected = await run({ attempt: 3, heartbeatDetails });
    expect(namesOf(collected)).toEqual(all.filter((name) => !/^transcript.(txt|vtt)$/.test(name)));
    expect(collected.missing).toMatchObject([{ name: 'transcript.txt' }]);
  });

  it('fails without a transcript, which nothing can stand for', async () => {
    answers.transcript = answer(404, { error: { code: 404000, message: 'not ready' } });
    expect(await failing()).toMatchObject({
      type: 'JobNotFound',
      message: expect.stringContaining('not ready') as string,
    });
  });

  it('gives the list of artifacts alone to a workflow of 0.1', async () => {
    const environment = new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') });
    const old = await environment.run<[], unknown, () => Promise<unknown>>(() =>
      collect({ jobId: 'job-1', folder: 'a', translationLocales: [] }),
    );
    expect(old).toMatchObject([
      { name: 'transcript.json' },
      { name: 'transcript.txt' },
      { name: 'transcript.vtt' },
      { name: 'summary.md' },
    ]);
  });
});
