import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintDefinition } from '../../src/schedules/schedule-options.ts';
import { readScheduleFile, ScheduleFileError } from '../../src/schedules.ts';

const good = {
  id: 'talks',
  kind: 'ingest',
  every: '15m',
  directory: 'media',
  steps: [{ provider: 'tiro' }],
  overlap: 'skip',
  catchUpWindow: '1h',
  jitter: '0s',
  executionTimeout: '10m',
};

describe('readScheduleFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-schedules-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function write(content: unknown): Promise<string> {
    const path = join(folder, 'schedules.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }
  async function messageOf(content: unknown): Promise<string> {
    const error = await readScheduleFile(await write(content)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ScheduleFileError);
    return (error as Error).message;
  }

  it.each(['s3://media', 's3://media/in coming/'])('leaves the prefix of a bucket as it is: %s', async (directory) => {
    const [schedule] = await readScheduleFile(await write({ schedules: [{ ...good, directory }] }));
    expect(schedule).toMatchObject({ directory });
  });

  it.each(['s3://', 's3:media', 'gs://media/in', 'https://media.test/in', 'file://nas/in', 'file:///a%2Fb'])(
    'refuses %s as a directory',
    async (directory) => {
      const message = await messageOf({ schedules: [{ ...good, directory }] });
      expect(message).toContain('directory: expected a path, a file: URI of this machine or s3://bucket/prefix');
    },
  );

  it('reads durations as milliseconds and directories from where the file is', async () => {
    const [schedule] = await readScheduleFile(await write({ schedules: [good] }));
    expect(schedule).toEqual({
      ...good,
      every: 900_000,
      directory: join(folder, 'media'),
      catchUpWindow: 3_600_000,
      jitter: 0,
      executionTimeout: 600_000,
    });
  });

  it('takes null for what is absent, in steps as well, and passes steps on as they are written', async () => {
    const steps = [{ provider: 'tiro', options: { deadline: '10m', credential: null }, name: null }];
    const [schedule] = await readScheduleFile(
      await write({ schedules: [{ ...good, cron: null, paused: null, steps }] }),
    );
    expect(schedule).toMatchObject({ steps: [{ provider: 'tiro', options: { deadline: '10m' } }] });
    expect(await messageOf({ schedules: [{ ...good, overlap: null }] })).toContain('schedules.0.overlap');
  });

  it('gives one fingerprint for all ways of writing a schedule', async () => {
    const fingerprintOf = async (schedule: object) => {
      const [definition] = await readScheduleFile(await write({ schedules: [schedule] }));
      return definition === undefined ? null : fingerprintDefinition(definition);
    };
    const options = { transcriptLocaleHints: [], deadline: 600_000 };
    const steps = [{ options, name: 'tiro', provider: 'tiro' }];
    const written = { paused: true, ...good, steps, every: '900s' };
    const first = await fingerprintOf({ ...good, steps: [{ provider: 'tiro', options: { deadline: '10m' } }] });
    expect(await fingerprintOf(written)).toBe(first);
    expect(await fingerprintOf(good)).not.toBe(first);
  });

  it('accepts the example of the package', async () => {
    const path = fileURLToPath(new URL('../../examples/schedules.json', import.meta.url));
    const schedules = await readScheduleFile(path);
    expect(schedules.map(({ id }) => id)).toEqual([
      'incoming-talks',
      'nightly-videos',
      'nightly-sweep',
      'monthly-retention',
    ]);
    const directory = fileURLToPath(new URL('../../examples/media', import.meta.url));
    expect(schedules[0]).toMatchObject({ directory });
    expect(schedules.slice(2)).toMatchObject([
      { kind: 'sweep', credentials: ['default'], olderThan: 24 * 3_600_000, delete: false },
      { kind: 'retention', olderThan: 30 * 24 * 3_600_000, delete: false },
    ]);
  });

  it('names every fault at once', async () => {
    const message = await messageOf({
      schedules: [
        { ...good, overlap: 'sometimes', jitter: undefined, catchUpWindow: '1s', cron: '0 6 * * *' },
        { ...good, steps: [{ provider: 'tiro', options: { chunks: true } }], surprise: 1 },
      ],
    });
    for (const field of ['0.overlap', '0.jitter', '0.catchUpWindow', '1.steps.0.options.chunks']) {
      expect(message).toContain(`schedules.${field}: `);
    }
    expect(message).toContain('surprise');
  });

  it.each([
    ['neither every nor cron', { schedules: [{ ...good, every: undefined }] }, 'either every or cron'],
    ['both every and cron', { schedules: [{ ...good, cron: '0 6 * * *' }] }, 'either every or cron'],
    ['a cron of three fields', { schedules: [{ ...good, every: undefined, cron: '0 6 *' }] }, 'five to seven fields'],
    ['an id twice', { schedules: [good, good] }, 'two named talks'],
    ['no list', {}, 'schedules: '],
    ['no JSON', '{', 'cannot be read'],
  ])('refuses %s', async (_, content, expected) => {
    expect(await messageOf(content)).toContain(expected);
  });

  it('names a file that is not there', async () => {
    await expect(readScheduleFile(join(folder, 'missing.json'))).rejects.toThrow(/missing\.json cannot be read/);
  });
});
