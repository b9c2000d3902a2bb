import { createHash } from 'node:crypto';
import { appendFileSync, utimesSync } from 'node:fs';
import { mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashWork } from '../../src/client/ingest-input.ts';
import {
  applySchedules,
  deleteSchedule,
  listSchedules,
  pauseSchedule,
  ProviderJobs,
  resumeSchedule,
  triggerSchedule,
} from '../../src/index.ts';
import type { IngestInput, IngestResult } from '../../src/contract/ingest.ts';
import type { PipelineOutcome } from '../../src/contract/pipeline.ts';
import { eventually } from '../setup/eventually.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { rested } from '../setup/rested.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
// The default of ten seconds, by the clock of the test's worker.
const settledMs = 120;
const steps = [{ provider: 'tiro' as const }];
const keyOf = (content: Uint8Array) => `${sha256(content).slice(0, 32)}-${hashWork(steps)}`;

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
  async function run(id: string, input: Omit<IngestInput, 'steps'> & Partial<IngestInput>): Promise<IngestResult> {
    const handle = await world.start('ingest', id, { steps: [{ provider: 'tiro' }], ...input });
    return (await handle.result()) as IngestResult;
  }
  const failures = (content: Uint8Array, count: number) =>
    eventually(`${String(count)} failures are listed`, async () => {
      const listed = await world.client.workflow.count(
        `ProviderJobFailure = 'StepsFailed' AND WorkflowId = 'media-pipeline/${keyOf(content)}'`,
      );
      return listed.count === count;
    });
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

  it('does nothing again that was done under the key of version 0.2, and does other work', async () => {
    const [same, other, failed] = [makeWav(80), makeWav(81), makeWav(82)];
    const contents = [same, other, failed];
    const directory = await makeDirectory('older', { 'same.wav': same, 'other.wav': other, 'failed.wav': failed });
    const begin = async (content: Uint8Array, name: string, given: object[]) => {
      const id = `media-pipeline/${sha256(content).slice(0, 32)}`;
      const source = pathToFileURL(join(directory, name)).href;
      const options = { taskQueue: 'provider-jobs', workflowId: id, args: [{ source, steps: given }] };
      return (await world.client.workflow.execute('mediaPipeline', options)) as PipelineOutcome;
    };
    plan(1, { outcome: 'failed' });
    expect(await begin(failed, 'failed.wav', steps)).toMatchObject({ succeeded: false });
    plan(3);
    const before = await begin(same, 'same.wav', [{ provider: 'tiro', options: { credential: 'default' } }]);
    await begin(other, 'other.wav', [{ provider: 'tiro', options: { translationLocales: ['ko_KR'] } }]);
    await eventually('all are listed as closed', async () => {
      const query = `ExecutionStatus = 'Completed' AND WorkflowId IN (${contents.map((each) => `'media-pipeline/${sha256(each).slice(0, 32)}'`).join(', ')})`;
      return (await world.client.workflow.count(query)).count === 3;
    });
    const result = await run('older 1', { directory });
    expect(result).toMatchObject({
      started: [{ workflowId: `media-pipeline/${keyOf(other)}` }],
      failed: [{ path: join(directory, 'failed.wav'), why: 'tiro: failed (The audio could not be processed)' }],
      counts: { done: 1 },
    });
    const kept = join(world.resultsDirectory, world.namespace, 'media-pipeline', keyOf(same), 'outcome.json');
    expect(JSON.parse(await readFile(kept, 'utf8'))).toMatchObject({ succeeded: true, jobs: before.jobs });
    await pipelineOf(other).result();
    expect(await run('older 2', { directory })).toMatchObject({
      started: [],
      known: 2,
      counts: { done: 2, failed: 1 },
    });
  });

  it('lists a failed pipeline, and starts it again as often as is wanted', async () => {
    const content = makeWav(65);
    const directory = await makeDirectory('failing', { 'bad.wav': content });
    plan(1, { outcome: 'failed' });
    expect((await run('failing 1', { directory })).started).toHaveLength(1);
    expect(await pipelineOf(content).result()).toMatchObject({ succeeded: false });
    const creations = world.simulator.calls({ operation: 'tiro.create' }).length;
    await failures(content, 1);
    expect(await run('failing 2', { directory })).toMatchObject({
      ...{ started: [], known: 0 },
      failed: [{ path: join(directory, 'bad.wav'), why: 'tiro: failed (The audio could not be processed)' }],
    });
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(creations);
    plan(1, { outcome: 'failed' });
    const again = await run('failing 3', { directory, retryFailed: 1 });
    expect(again).toMatchObject({ started: [{ path: join(directory, 'bad.wav') }], known: 0, failed: [] });
    expect(await pipelineOf(content).result()).toMatchObject({ succeeded: false });
    const { memo } = await world.client.workflow.getHandle(`media-pipeline/${keyOf(content)}`).describe();
    expect(memo).toMatchObject({ ingestTry: 2 });
    await failures(content, 2);
    expect(await run('failing 4', { directory, retryFailed: 1 })).toMatchObject({
      started: [],
      known: 0,
      failed: [{}],
    });
    plan(1);
    expect((await run('failing 5', { directory, retryFailed: 2 })).counts.started).toBe(1);
    expect(await pipelineOf(content).result()).toMatchObject({ succeeded: true });
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(creations + 2);
    expect((await run('failing 6', { directory })).counts).toMatchObject({ done: 1, failed: 0 });
  });

  it('tries again by what the file is called now, and takes what its steps have done', async () => {
    const content = makeWav(66);
    const directory = await makeDirectory('renamed', { 'before.wav': content });
    const both = [{ provider: 'tiro' as const }, { provider: 'slng' as const, options: { deadline: '10m' } }];
    const later = [{ provider: 'tiro' as const }, { provider: 'slng' as const, options: { deadline: '2h' } }];
    world.simulator.addFault({ kind: 'status', operation: 'slng.create', status: 422, times: null });
    const [first] = (await run('renamed 1', { directory, steps: both })).started;
    const { workflowId = '' } = first ?? {};
    const handle = world.client.workflow.getHandle(workflowId);
    expect(await handle.result()).toMatchObject({ succeeded: false });
    world.simulator.clearFaults();
    const creations = world.simulator.calls({ operation: 'tiro.create' }).length;
    await rename(join(directory, 'before.wav'), join(directory, 'after.wav'));
    await rested(join(directory, 'after.wav'), settledMs);
    await eventually('its failure is listed', async () => {
      const query = `WorkflowId = '${workflowId}' AND ProviderJobFailure = 'StepsFailed'`;
      return (await world.client.workflow.count(query)).count === 1;
    });
    const again = await run('renamed 2', { directory, steps: later, retryFailed: 1 });
    expect(again.started).toEqual([{ path: join(directory, 'after.wav'), workflowId }]);
    expect(await world.client.workflow.getHandle(workflowId).result()).toMatchObject({ succeeded: true });
    expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(creations);
  });

  it('does not submit again what may be paid for already, under another name of the file neither', async () => {
    const content = makeWav(69);
    const directory = await makeDirectory('cut-off', { 'before.wav': content });
    const soket = [{ provider: 'soket' as const }];
    const submits = () => world.simulator.calls({ operation: 'soket.submit' }).length;
    const before = submits();
    world.simulator.addFault({ kind: 'hold', operation: 'soket.submit' });
    const [first] = (await run('cut off 1', { directory, steps: soket })).started;
    const { workflowId = '' } = first ?? {};
    await eventually('it submits', () => submits() > before);
    await world.client.workflow
      .getHandle(workflowId.replace('media-pipeline/', 'provider-job/soket/') + '.soket')
      .terminate();
    expect(await world.client.workflow.getHandle(workflowId).result()).toMatchObject({ succeeded: false });
    world.simulator.clearFaults();
    await rename(join(directory, 'before.wav'), join(directory, 'after.wav'));
    await rested(join(directory, 'after.wav'), settledMs);
    await eventually('its failure is listed', async () => {
      const query = `WorkflowId = '${workflowId}' AND ProviderJobFailure = 'StepsFailed'`;
      return (await world.client.workflow.count(query)).count === 1;
    });
    const again = await run('cut off 2', { directory, steps: soket, retryFailed: 1 });
    expect(again.started).toEqual([{ path: join(directory, 'after.wav'), workflowId }]);
    expect(await world.client.workflow.getHandle(workflowId).result()).toMatchObject({
      jobs: [{ failure: { type: 'SubmitUnconfirmed' } }],
    });
    expect(submits()).toBe(before + 1);
  });

  it.each(['cancel', 'terminate'] as const)('does not try again after somebody’s %s', async (how) => {
    const content = makeWav(how === 'cancel' ? 67 : 68);
    const directory = await makeDirectory(`by-hand-${how}`, { 'unwanted.wav': content });
    world.simulator.addFault({ kind: 'status', operation: 'tiro.status', status: 503, times: null });
    const [first] = (await run(`by hand ${how} 1`, { directory })).started;
    const { workflowId = '' } = first ?? {};
    const handle = world.client.workflow.getHandle(workflowId);
    await handle[how]();
    const [cause, status] = how === 'cancel' ? ['CancelledFailure', 'Canceled'] : ['TerminatedFailure', 'Terminated'];
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: cause } });
    await eventually('its end is listed', async () => {
      const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = '${status}'`;
      return (await world.client.workflow.count(query)).count === 1;
    });
    world.simulator.clearFaults();
    const look = await run(`by hand ${how} 2`, { directory, retryFailed: 3 });
    expect(look).toMatchObject({ started: [], failed: [{ workflowId }] });
  });

  it(
    'does a second schedule’s work on the same files, and none again that Temporal has forgotten',
    { timeout: 120_000 },
    async () => {
      const content = makeWav(70);
      const directory = await makeDirectory('two-schedules', { 'talk.wav': content });
      const runSteps = async (id: string, given: IngestInput['steps']) => {
        const result = (await (await world.start('ingest', id, { directory, steps: given })).result()) as IngestResult;
        for (const { workflowId } of result.started) await world.client.workflow.getHandle(workflowId).result();
        return result;
      };
      const other = [{ provider: 'tiro' as const, options: { translationLocales: ['ko_KR'] } }];
      plan(2);
      const [first, second] = [await runSteps('two 1', steps), await runSteps('two 2', other)];
      expect([first.counts.started, second.counts.started]).toEqual([1, 1]);
      expect(first.started[0]?.workflowId).toBe(`media-pipeline/${keyOf(content)}`);
      expect(second.started[0]?.workflowId).not.toBe(first.started[0]?.workflowId);
      const creations = world.simulator.calls({ operation: 'tiro.create' }).length;
      const forget = async () => {
        const query = "ExecutionStatus != 'Running'";
        for await (const { workflowId, runId } of world.client.workflow.list({ query })) {
          const { namespace } = world;
          const workflowExecution = { workflowId, runId };
          await world.client.workflowService
            .deleteWorkflowExecution({ namespace, workflowExecution })
            .catch(() => null);
        }
      };
      const isGone = ({ workflowId }: { workflowId: string }) =>
        world.client.workflow
          .getHandle(workflowId)
          .describe()
          .then(
            () => false,
            () => true,
          );
      // What has just closed is not in the lists yet.
      await eventually(
        'Temporal has forgotten them',
        async () => {
          await forget();
          return (await Promise.all([...first.started, ...second.started].map(isGone))).every(Boolean);
        },
        60_000,
      );
      for (const [id, given] of [
        ['two 3', steps],
        ['two 4', [{ provider: 'tiro' as const, name: 'tiro', options: { deadline: '1h' } }]],
        ['two 5', other],
      ] as const) {
        expect(await runSteps(id, [...given])).toMatchObject({ started: [], known: 1, counts: { done: 1 } });
      }
      expect(world.simulator.calls({ operation: 'tiro.create' })).toHaveLength(creations);
    },
  );

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
