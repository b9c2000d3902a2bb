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
    await expect(collect()).rejects.toMatchObject({ kind: 'storage-refused' });
    world.server.answers.push(links('txt'), { status: 200, body: 'Hello.' });
    await expect(collect()).resolves.toMatchObject({ artifacts: [{ name: 'transcript.txt' }] });
    expect(world.asked().filter((call) => call.endsWith('/files'))).toHaveLength(2);
  });

  it('tells that the results are lost where the job was deleted before they were stored', async () => {
    world.server.answers.push({ status: 404, body: { error: 'files are no longer available' } }, inStatus('DELETED'));
    await expect(collect()).resolves.toMatchObject({ artifacts: [], lost: { status: 'DELETED', phase: 'deleted' } });
  });

  it('tries again while a job that is done lists no output yet', async () => {
    world.server.answers.push(links(), inStatus('DONE'));
    await expect(collect()).rejects.toMatchObject({ kind: 'unexpected-response' });
  });
});
