import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestActivities } from '../../../src/activities/ingest/ingest.ts';
import { hashWork } from '../../../src/client/ingest-input.ts';
import type { ScanDirectoryInput, ScanDirectoryResult } from '../../../src/contract/ingest.ts';
import type { MediaPipelineInput } from '../../../src/contract/pipeline.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import type { ResultStore } from '../../../src/results/result-store.ts';
import { samples } from '../../setup/media.ts';

const steps = [{ provider: 'tiro' as const }];
const idOf = (content: string) =>
  `media-pipeline/${createHash('sha256').update(content).digest('hex').slice(0, 32)}-${hashWork(steps)}`;

/** A Temporal that knows these pipelines, and counts what it is asked. */
class FakeTemporal {
  readonly starts: { path: string; workflowId: string; input: MediaPipelineInput }[] = [];
  lists = 0;
  /** What runs, by id, though the lists do not show it yet. */
  readonly unlisted = new Set<string>();
  readonly listed: { workflowId: string; status: string }[] = [];
  onStart = () => {};

  get client(): Client {
    const start = (_: string, { workflowId, args }: { workflowId: string; args: [MediaPipelineInput] }) => {
      this.starts.push({ path: basename(args[0].source), workflowId, input: args[0] });
      this.onStart();
      if (!this.unlisted.has(workflowId)) return Promise.resolve({ firstExecutionRunId: 'run' });
      return Promise.reject(new WorkflowExecutionAlreadyStartedError('taken', workflowId, 'mediaPipeline'));
    };
    const list = ({ query }: { query: string }) => {
      this.lists += 1;
      return this.listed
        .filter(({ workflowId }) => query.includes(`'${workflowId}'`))
        .map(({ workflowId, status }) => ({
          ...{ workflowId, status: { name: status }, startTime: new Date() },
          ...{ memo: {}, typedSearchAttributes: { get: () => undefined } },
        }));
    };
    const withAbortSignal = (_signal: AbortSignal, call: () => unknown) => call();
    return { workflow: { start, list }, withAbortSignal } as unknown as Client;
  }
}

describe('the look at a directory', () => {
  let folder: string;
  let directory: string;
  let temporal: FakeTemporal;
  let results: ResultStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-scan-'));
    directory = await mkdtemp(join(tmpdir(), 'provider-jobs-media-'));
    temporal = new FakeTemporal();
    results = createDirectoryResultStore(join(folder, 'results'));
  });
  afterEach(async () => {
    for (const each of [folder, directory]) await rm(each, { recursive: true, force: true });
  });

  async function put(name: string, content: string | Uint8Array = name, ageSeconds = 1000): Promise<void> {
    await writeFile(join(directory, name), content);
    await utimes(join(directory, name), 1_700_000_000 - ageSeconds, 1_700_000_000 - ageSeconds);
  }
  const isDone = (content: string) => results.write(idOf(content), 'outcome.json', 'application/json', '{}');
  const environmentOf = (info: object = {}) => new MockActivityEnvironment(info, { client: temporal.client });
  function scan(more: object = {}, environment = environmentOf()): Promise<Required<ScanDirectoryResult>> {
    const { scanDirectory } = createIngestActivities({ timeScale: 1000, random: Math.random, results }, folder);
    const input: ScanDirectoryInput = { directory, steps, settleFor: 1, mostStarts: 200, ...more };
    return environment.run<[ScanDirectoryInput], ScanDirectoryResult, typeof scanDirectory>(
      scanDirectory,
      input,
    ) as Promise<Required<ScanDirectoryResult>>;
  }

  it('starts what is new, the newest first, and asks Temporal for nothing that is done', async () => {
    for (const [index, name] of ['old.wav', 'new.wav', 'done.wav', 'runs.wav'].entries()) {
      await put(name, name, 100 * (index % 3));
    }
    await isDone('done.wav');
    temporal.listed.push({ workflowId: idOf('runs.wav'), status: 'RUNNING' });
    const result = await scan();
    expect(temporal.starts.map(({ path }) => path)).toEqual(['old.wav', 'new.wav']);
    expect(temporal.lists).toBe(1);
    expect(result).toMatchObject({ known: 2, counts: { started: 2, done: 1, failed: 0, skipped: 0 }, left: 0 });
    for (const name of ['old.wav', 'new.wav', 'runs.wav']) await isDone(name);
    expect(await scan()).toMatchObject({ known: 4, counts: { started: 0, done: 4 } });
    expect([temporal.lists, temporal.starts.length]).toEqual([1, 2]);
  });

  it('counts as known what another has started, and the same content under a second name', async () => {
    await put('a.wav');
    await put('b.wav', 'b');
    await put('same as b.wav', 'b');
    temporal.unlisted.add(idOf('a.wav'));
    expect(await scan()).toMatchObject({ known: 2, counts: { started: 1 } });
    expect(temporal.starts).toHaveLength(2);
  });

  it('names a hundred of each kind and counts them all', async () => {
    for (let index = 0; index < 250; index += 1) {
      await put(`new ${String(index)}.wav`);
      await put(`bad ${String(index)}.wav`);
      temporal.listed.push({ workflowId: idOf(`bad ${String(index)}.wav`), status: 'TERMINATED' });
      if (index < 120) await put(`side ${String(index)}.json`);
    }
    const { started, failed, skipped, counts, unlisted } = await scan();
    expect([started.length, failed.length, skipped.length]).toEqual([100, 100, 100]);
    expect(counts).toEqual({ started: 250, done: 0, failed: 250, skipped: 120 });
    expect(unlisted).toBe(320);
    expect(failed[0]?.why).toBe('its workflow is TERMINATED');
  });

  it('goes on from its place in the next attempt, with what was counted', async () => {
    for (let index = 0; index < 250; index += 1)
      await put(`${String(index).padStart(3, '0')}.wav`, String(index), index);
    const first = environmentOf();
    const left: unknown[] = [];
    first.on('heartbeat', (details: unknown) => left.push(details));
    temporal.onStart = () => {
      if (temporal.starts.length === 150) first.cancel('CANCELLED');
    };
    await expect(scan({}, first)).rejects.toThrow();
    temporal.onStart = () => undefined;
    const before = temporal.starts.length;
    expect(before).toBeLessThan(200);
    const second = environmentOf({ attempt: 2, heartbeatDetails: left.at(-1) });
    const result = await scan({}, second);
    expect(result.counts.started).toBe(250);
    expect(temporal.starts.slice(before).map(({ path }) => path)).not.toContain('099.wav');
    expect(new Set(temporal.starts.map(({ path }) => path)).size).toBe(250);
  });

  it('counts what changes or goes while it scans, and is no error', async () => {
    for (const name of ['grows.wav', 'gone.wav', 'stays.wav']) await put(name);
    const store = results;
    results = {
      ...store,
      exists: async (...place) => {
        await appendFile(join(directory, 'grows.wav'), 'x');
        await rm(join(directory, 'gone.wav'), { force: true });
        return store.exists(...place);
      },
    };
    const result = await scan();
    expect(temporal.starts.map(({ path }) => path)).toEqual(['stays.wav']);
    expect(result).toMatchObject({
      skipped: [{ path: join(directory, 'grows.wav'), why: 'changed while it was read' }],
      counts: { started: 1, skipped: 1 },
      known: 0,
    });
  });

  it('tells media by content where the name says nothing, and takes the endings that it is told', async () => {
    for (const [name, make] of Object.entries(samples)) await put(`recording ${name}`, make());
    for (const name of ['notes.txt', 'README', 'cam.dav', 'raw.dat', 'index.ts']) await put(name, `text of ${name}`);
    const known = Object.keys(samples).length;
    expect(await scan()).toMatchObject({ counts: { started: known, skipped: 5 } });
    const { length } = temporal.starts;
    for (const { workflowId } of temporal.starts) temporal.listed.push({ workflowId, status: 'RUNNING' });
    const told = await scan({ extensions: { '.dav': 'video/x-msvideo', '.dat': 'audio/wav' } });
    expect(told).toMatchObject({ known, counts: { started: 2, skipped: 3 } });
    const types = temporal.starts.slice(length).map(({ path, input }) => [path, input.mediaType]);
    expect(types.sort()).toEqual([
      ['cam.dav', 'video/x-msvideo'],
      ['raw.dat', 'audio/wav'],
    ]);
    expect(await scan({ extensions: ['.DAT'] })).toMatchObject({ counts: { started: 1, skipped: 4 } });
    expect(temporal.starts.at(-1)?.input.mediaType).toBeUndefined();
  });

  it.each([
    ['directory', { directory: 'media' }],
    ['retryFailed', { retryFailed: 11 }],
    ['extensions', { extensions: ['dat'] }],
  ])('refuses a wrong %s', async (field, wrong) => {
    await expect(scan(wrong)).rejects.toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining(field) as string,
    });
  });
});
