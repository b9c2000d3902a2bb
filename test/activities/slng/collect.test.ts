import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inStatus, run, type SlngActivityWorld, startSlngActivities } from '../../providers/slng/slng-activities.ts';

describe('collectSlngResults', () => {
  let world: SlngActivityWorld;
  beforeAll(async () => {
    world = await startSlngActivities();
  });
  beforeEach(() => {
    world.reset();
  });
  afterAll(() => world.close());

  const collect = () => run(() => world.transfers.collectSlngResults({ jobId: 'pj1', folder: 'a/b' }));
  const links = (...formats: string[]) => ({
    status: 200,
    body: {
      job_id: 'pj1',
      outputs: formats.map((format) => ({ format, download_url: `${world.server.url}/${format}?sig=s` })),
    },
  });

  it('stores each format that SLNG made under the name transcript', async () => {
    world.server.answers.push(
      links('txt', 'json'),
      { status: 200, body: '{"results":[]}' },
      { status: 200, body: 'Hello.' },
    );
    const { artifacts, lost } = await collect();
    expect(lost).toBeNull();
    expect(artifacts.map(({ name, mediaType }) => [name, mediaType])).toEqual([
      ['transcript.json', 'application/json'],
      ['transcript.txt', 'text/plain'],
    ]);
    const stored = join(world.folder, 'results', 'a', 'b');
    expect((await readdir(stored)).sort()).toEqual(['transcript.json', 'transcript.txt']);
    expect(await readFile(join(stored, 'transcript.txt'), 'utf8')).toBe('Hello.');
  });

  it('asks for fresh links in the attempt after one was refused', async () => {
    world.server.answers.push(links('txt'), { status: 403, body: 'expired' }, inStatus('DONE'));
    await expect(collect()).rejects.toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
    world.server.answers.push(links('txt'), { status: 200, body: 'Hello.' });
    await expect(collect()).resolves.toMatchObject({ artifacts: [{ name: 'transcript.txt' }] });
    expect(world.asked().filter((call) => call.endsWith('/files'))).toHaveLength(2);
  });

  it('tells that the results are lost where the job was deleted before they were stored', async () => {
    world.server.answers.push({ status: 404, body: { error: 'files are no longer available' } }, inStatus('DELETED'));
    await expect(collect()).resolves.toMatchObject({ artifacts: [], lost: { status: 'DELETED', phase: 'deleted' } });
  });

  const read = (name: string) => readFile(join(world.folder, 'results', 'a', 'b', name), 'utf8');
  const body = (text: string) => ({ status: 200, body: text });
  const words = (...said: [string, number, number, string?][]) =>
    JSON.stringify({
      format: '2.9',
      results: said.map(([content, start_time, end_time, type = 'word']) => ({
        ...{ type, start_time, end_time, is_eos: content === '.' },
        alternatives: [{ content, confidence: 1 }],
      })),
    });

  it('makes WebVTT of the subtitles', async () => {
    world.server.answers.push(links('srt', 'txt'), body('A & B.'), body('1\n00:00:01,000 --> 00:00:02,500\nA & B.\n'));
    const { artifacts, missing } = await collect();
    expect(artifacts.map(({ name }) => name)).toEqual(['transcript.txt', 'transcript.srt', 'transcript.vtt']);
    expect(missing).toEqual([{ name: 'transcript.json', why: 'SLNG made none' }]);
    expect(await read('transcript.vtt')).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nA &amp; B.\n');
  });

  it('makes text and WebVTT of the words where SLNG made JSON alone', async () => {
    const said = words(['Good', 0, 0.3], ['day', 0.3, 0.5], ['.', 0.5, 0.5, 'punctuation'], ['Yes', 4, 4.25]);
    world.server.answers.push(links('json'), body(said));
    const { artifacts, missing } = await collect();
    expect(artifacts.map(({ name }) => name)).toEqual(['transcript.json', 'transcript.txt', 'transcript.vtt']);
    expect(missing).toEqual([{ name: 'transcript.srt', why: 'SLNG made none' }]);
    expect(await read('transcript.txt')).toBe('Good day. Yes\n');
    expect(await read('transcript.vtt')).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nGood day.\n\n00:00:04.000 --> 00:00:04.250\nYes\n',
    );
  });

  it.each(['{"results":[]}', '{"results":{}}', 'not JSON', '[]'])('makes nothing of %s', async (json) => {
    world.server.answers.push(links('json'), body(json));
    const { artifacts, missing } = await collect();
    expect(artifacts.map(({ name }) => name)).toEqual(['transcript.json']);
    const odd = json === 'not JSON' ? ['transcript.json of SLNG'] : [];
    expect(missing.map(({ name }) => name)).toEqual(['transcript.txt', 'transcript.srt', ...odd]);
  });

  it.each<[string, boolean, ...string[]]>([
    ['all that is listed is stored', true, '{"results":[]}', 'Hello.'],
    ['the JSON is a page of something else', false, '<!doctype html><p>Sign in', 'Hello.'],
    ['the JSON is empty', false, '', 'Hello.'],
    ['the text is a page of something else', false, '{}', '  <html>'],
  ])('says whether nothing is missing where %s', async (_what, isWhole, ...bodies) => {
    world.server.answers.push(links('txt', 'json'), ...bodies.map(body));
    const { missing, ...collected } = await collect();
    expect(collected).toMatchObject({ isWhole });
    // A retention leaves alone what lacks something; SLNG made no srt.
    expect(missing).toHaveLength(isWhole ? 1 : 2);
  });

  it('asks again for an output that storage does not have for now', async () => {
    const gone = { status: 404, body: 'NoSuchKey' };
    world.server.answers.push(links('json', 'txt', 'srt'), body('{}'), gone, inStatus('DONE'));
    await expect(collect()).rejects.toMatchObject({
      ...{ type: 'JobNotFound', nonRetryable: false, message: expect.stringContaining('NoSuchKey') as string },
    });
  });

  it('tries again where an output is only out of reach for now', async () => {
    world.server.answers.push(links('json', 'txt'), body('{}'), { status: 503, body: 'SlowDown' });
    await expect(collect()).rejects.toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
  });

  it('tries again while a job that is done lists no output yet', async () => {
    world.server.answers.push(links(), inStatus('DONE'));
    await expect(collect()).rejects.toMatchObject({ type: 'UnexpectedResponse', nonRetryable: false });
  });
});
