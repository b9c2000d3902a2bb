import { createHash } from 'node:crypto';
import { appendFileSync, utimesSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestActivities } from '../../src/activities/ingest/ingest.ts';
import {
  applySchedules,
  deleteSchedule,
  listSchedules,
  pauseSchedule,
  ProviderJobs,
  resumeSchedule,
  triggerSchedule,
} from '../../src/index.ts';
import type { IngestInput, IngestResult, ScanDirectoryInput, ScanDirectoryResult } from '../../src/contract/ingest.ts';
import { eventually } from '../setup/eventually.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { rested } from '../setup/rested.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
// The default of ten seconds, by the clock of the test's worker.
const settledMs = 120;
const keyOf = (content: Uint8Array) => sha256(content).slice(0, 32);

describe('ingest', () => {
  let world: World;
  let cacheHome: string | undefined;
  beforeAll(async () => {
    // Where the worker keeps content hashes, which it settles when it starts.
    cacheHome = process.env['XDG_CACHE_HOME'];
    world = await startWorld({ startWorker: false });
    process.env['XDG_CACHE_HOME'] = world.folder;
    await world.startWorker();
  });
  afterAll(async () => {
    if (cacheHome === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = cacheHome;
    await world.close();
  });

  async function makeDirectory(name: string, files: Record<string, Uint8Array | string>): Promise<string> {
    const directory = join(world.folder, name);
    await mkdir(directory);
    for (const [file, content] of Object.entries(files)) await write(join(directory, file), content);
    for (const file of Object.keys(files)) await rested(join(directory, file), settledMs);
    return directory;
  }
  async function write(path: string, content: Uint8Array | string, ageSeconds = 60): Promise<void> {
    await writeFile(path, content);
    const time = Date.now() / 1000 - ageSeconds;
    await utimes(path, time, time);
  }
  async function put(path: string, content: Uint8Array | string, ageSeconds = 60): Promise<void> {
    await write(path, content, ageSeconds);
    await rested(path, settledMs);
  }
  const plan = (jobs: number, more: object = {}) => {
    world.simulator.setPlan('tiro', { durationMs: 100, jobs, ...more });
  };
  async function run(id: string, input: Omit<IngestInput, 'steps'>): Promise<IngestResult> {
    const handle = await world.start('ingest', id, { steps: [{ provider: 'tiro' }], ...input });
    return (await handle.result()) as IngestResult;
  }
  const pipelineOf = (content: Uint8Array) =>
    new ProviderJobs(world.client).pipelineHandle(`media-pipeline/${keyOf(content)}`);

  it('starts one pipeline for each content, and none for what is not settled media', async () => {
    const [one, two] = [makeWav(61), makeWav(62)];
    const directory = await makeDirectory('mixed', {
      'one.wav': one,
      'same as one.wav': one,
      'two.wav': two,
      '.hidden.wav': makeWav(3),
      'upload.wav.part': 'x',
      'notes.txt': 'x',
      'empty.wav': '',
    });
    await mkdir(join(directory, 'folder'));
    plan(2);
    const growing = join(directory, 'growing.wav');
    await write(growing, makeWav(4));
    // Somebody writes all the while and keeps the time of the original.
    const writer = setInterval(() => {
      appendFileSync(growing, 'x');
      utimesSync(growing, 1_700_000_000, 1_700_000_000);
    }, 20);
    await rested(join(directory, 'empty.wav'), 500);
    const result = await run('mixed', { directory, settleFor: '50s' });
    clearInterval(writer);
    expect(result.started.map(({ workflowId }) => workflowId).sort()).toEqual(
      [`media-pipeline/${keyOf(one)}`, `media-pipeline/${keyOf(two)}`].sort(),
    );
    expect(result).toMatchObject({ known: 1, failed: [], left: 0, unlisted: 0 });
    expect(Object.fromEntries(result.skipped.map(({ path, why }) => [path.slice(directory.length + 1), why]))).toEqual({
      'upload.wav.part': 'still being written, by its name',
      'notes.txt': 'not audio or video, by its name or its content',
      'empty.wav': 'empty',
      'growing.wav': 'still being written, by its times',
    });
    for (const content of [one, two]) {
      const { succeeded, jobs } = await pipelineOf(content).result();
      expect(succeeded).toBe(true);
      await expectOwnResults(
        jobs.flatMap(({ artifacts }) => artifacts),
        content,
      );
    }
  });

  it('knows a file again under another name, and takes new content under an old name', async () => {
    const [before, after] = [makeWav(63), makeWav(64)];
    const directory = await makeDirectory('changing', { 'talk.wav': before });
    plan(2);
    expect((await run('changing 1', { directory })).started).toHaveLength(1);
    expect(await pipelineOf(before).result()).toMatchObject({ succeeded: true });
    await put(join(directory, 'copy.wav'), before);
    await put(join(directory, 'talk.wav'), after, 30);
    const result = await run('changing 2', { directory });
    expect(result).toMatchObject({ known: 1, started: [{ workflowId: `media-pipeline/${keyOf(after)}` }] });
    await pipelineOf(after).result();
  });

  it('lists a failed pipeline and does not start it again', async () => {
    const content = makeWav(65);
    const directory = await makeDirectory('failing', { 'bad.wav': content });
    plan(1, { outcome: 'failed' });
    expect((await run('failing 1', { directory })).started).toHaveLength(1);
    expect(await pipelineOf(content).result()).toMatchObject({ succeeded: false });
    const creations = world.simulator.calls({ operation: 'tiro.create' }).length;
    expect(await run('failing 2', { directory })).toMatchObject({
      started: [],
      known: 0,
      failed: [{ path: join(directory, 'bad.wav'), why: 'tiro: failed (The audio could not be processed)' }],
    });
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(creations);
  });

  it('leaves to the next run what is more than it may start', async () => {
    const directory = await makeDirectory('many', {});
    const contents = [makeWav(71), makeWav(72), makeWav(73)];
    for (const [index, content] of contents.entries()) {
      await put(join(directory, `${String(index)}.wav`), content, 600 - 60 * index);
    }
    const { scanDirectory } = createIngestActivities({ timeScale: 100, random: Math.random }, world.folder);
    const environment = new MockActivityEnvironment({}, { client: world.client });
    const input = { directory, steps: [{ provider: 'tiro' as const }], mostStarts: 2 };
    const { starts, left } = await environment.run<[ScanDirectoryInput], ScanDirectoryResult, typeof scanDirectory>(
      scanDirectory,
      input,
    );
    expect(starts.map(({ path }) => path)).toEqual([join(directory, '0.wav'), join(directory, '1.wav')]);
    expect(left).toBe(1);
  });

  it('names a hundred of the files that it leaves out, however many there are', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `${'long-'.repeat(30)}${String(index)}.txt`);
    const directory = await makeDirectory('side-files', { 'ok.wav': makeWav(74) });
    await Promise.all(names.map((name) => write(join(directory, name), 'x')));
    await rested(join(directory, names.at(-1) ?? ''), settledMs);
    const { scanDirectory } = createIngestActivities({ timeScale: 100, random: Math.random }, world.folder);
    const environment = new MockActivityEnvironment({}, { client: world.client });
    const input = { directory, steps: [{ provider: 'tiro' as const }], mostStarts: 2 };
    const found = await environment.run<[ScanDirectoryInput], ScanDirectoryResult, typeof scanDirectory>(
      scanDirectory,
      input,
    );
    expect(found).toMatchObject({ starts: [{ path: join(directory, 'ok.wav') }], unlisted: 30 });
    expect(found.skipped).toHaveLength(100);
  });

  it.each([
    ['settleFor', { settleFor: 'soon' }],
    ['strategy', { strategy: 'nope' }],
  ])('refuses a wrong %s', async (field, wrong) => {
    const input = { directory: world.folder, steps: [{ provider: 'tiro' }], ...wrong };
    const handle = await world.start('ingest', `wrong-${field}`, input);
    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { type: 'InvalidInput', message: expect.stringContaining(field) as string } },
    });
  });

  it('fails where the directory cannot be seen', async () => {
    const handle = await world.start('ingest', 'missing', {
      directory: '/no/such/place',
      steps: [{ provider: 'tiro' }],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { type: 'SourceUnreadable' } } });
  });

  it('runs from a schedule that is applied twice and triggered twice, each file once', async () => {
    const [one, two] = [makeWav(66), makeWav(67)];
    const directory = await makeDirectory('scheduled', { 'one.wav': one, 'two.wav': two });
    const schedule = {
      id: 'talks',
      kind: 'ingest',
      every: '30d',
      directory,
      steps: [{ provider: 'tiro' }],
      overlap: 'buffer-one',
      catchUpWindow: '1m',
      jitter: '1s',
      executionTimeout: '5m',
    };
    const path = join(world.folder, 'schedules.json');
    const apply = async (changes: object = {}) => {
      await writeFile(path, JSON.stringify({ schedules: [{ ...schedule, ...changes }] }));
      return applySchedules(world.client, path);
    };
    expect(await apply()).toEqual([{ id: 'talks', outcome: 'created' }]);
    expect(await apply()).toEqual([{ id: 'talks', outcome: 'unchanged' }]);
    await world.client.schedule.create({
      scheduleId: 'somebody-elses',
      spec: {},
      action: { type: 'startWorkflow', workflowType: 'x', taskQueue: 'x' },
    });
    const [listed, ...others] = await eventually('it is listed', async () => {
      const list = await listSchedules(world.client);
      return list.length > 0 ? list : null;
    });
    expect(listed).toMatchObject({ id: 'talks', paused: false });
    expect(others).toEqual([]);

    plan(2);
    const creations = world.simulator.calls({ operation: 'tiro.create' }).length;
    const runs = async (count: number) =>
      eventually(`${String(count)} runs were started`, async () => {
        const { info } = await world.client.schedule.getHandle('provider-jobs-talks').describe();
        return info.recentActions.length === count ? info.recentActions.map(({ action }) => action.workflow) : null;
      });
    await triggerSchedule(world.client, 'talks');
    const [first] = await runs(1);
    const result = (await world.client.workflow.getHandle(first?.workflowId ?? '').result()) as IngestResult;
    expect(result.started).toHaveLength(2);
    await triggerSchedule(world.client, 'talks');
    const [, second] = await runs(2);
    const again = (await world.client.workflow.getHandle(second?.workflowId ?? '').result()) as IngestResult;
    expect(again).toMatchObject({ started: [], known: 2, failed: [] });
    await pipelineOf(one).result();
    await pipelineOf(two).result();
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(creations + 2);

    expect(await apply({ every: '20d' })).toEqual([{ id: 'talks', outcome: 'updated' }]);
    await pauseSchedule(world.client, 'talks', 'for the night');
    expect(await apply({ every: '10d' })).toEqual([{ id: 'talks', outcome: 'updated' }]);
    const handle = world.client.schedule.getHandle('provider-jobs-talks');
    expect(await handle.describe()).toMatchObject({
      state: { paused: true, note: 'for the night' },
      spec: { intervals: [{ every: 10 * 24 * 3_600_000 }] },
      policies: { overlap: 'BUFFER_ONE', catchupWindow: 60_000 },
    });
    await resumeSchedule(world.client, 'talks');
    expect(await apply({ every: '10d' })).toEqual([{ id: 'talks', outcome: 'unchanged' }]);
    await deleteSchedule(world.client, 'talks');
    await expect(triggerSchedule(world.client, 'talks')).rejects.toThrow();
  });
});
