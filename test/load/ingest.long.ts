import Table from 'cli-table3';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIngestActivities } from '../../src/activities/ingest/ingest.ts';
import { hashWork } from '../../src/client/ingest-input.ts';
import type { IngestResult, ScanDirectoryInput, ScanDirectoryResult } from '../../src/contract/ingest.ts';
import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { startWorkerProcess, type WorkerProcess } from '../setup/worker-process.ts';
import { startWorld, type World } from '../setup/world.ts';

const media = Number(process.env['LOAD_MEDIA'] ?? 100_000);
const sideFiles = media / 2;
const isNew = media / 50;
// What the worker is given, as a small container would.
const heapMb = 256;
const mostGrowthMb = 200;

const steps = [{ provider: 'tiro' as const }];
const hashOf = (content: string) => createHash('sha256').update(content).digest('hex').slice(0, 32);
const folderOf = (content: string) => `media-pipeline/${hashOf(content)}-${hashWork(steps)}`;
const contentOf = (index: number) => `recording ${String(index)}`;
const toMb = (bytes: number) => Math.round(bytes / 1024 / 1024);

/** Runs a step for each number, a few at a time. */
async function forEach(count: number, step: (index: number) => Promise<unknown>): Promise<void> {
  for (let next = 0; next < count; next += 64) {
    await Promise.all(Array.from({ length: Math.min(64, count - next) }, (_, index) => step(next + index)));
  }
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}

describe(`a directory of ${String(media)} recordings and ${String(sideFiles)} other files`, () => {
  const table = new Table({
    head: [
      'look',
      'time',
      'RSS before',
      'at most',
      'calls to Temporal',
      'history events',
      'started',
      'done',
      'skipped',
    ],
    style: { head: [], border: [] },
  });
  const calls = new Map<string, number>();
  let world: World;
  let directory: string;
  let resultsDirectory: string;
  let connection: Connection;
  let worker: WorkerProcess | undefined;
  beforeAll(async () => {
    world = await startWorld({ startWorker: false, namespace: 'default' });
    const address = world.environment['TEMPORAL_ADDRESS'] ?? '';
    const count = (path: string) => {
      const name = path.split('/').at(-1) ?? '';
      calls.set(name, (calls.get(name) ?? 0) + 1);
    };
    connection = await Connection.connect({
      address,
      interceptors: [
        (options, nextCall) => {
          count(options.method_definition.path);
          return nextCall(options) as never;
        },
      ],
    });
    directory = join(world.folder, 'incoming');
    resultsDirectory = join(world.resultsDirectory, world.namespace);
    await mkdir(directory);
    const time = Date.now() / 1000 - 86_400;
    await forEach(media, async (index) => {
      const path = join(directory, `${String(index)}.wav`);
      await writeFile(path, contentOf(index));
      await utimes(path, time - index, time - index);
      // What is new lies all over the directory, by name and by time.
      if (index % (media / isNew) === 0) return;
      const folder = join(resultsDirectory, folderOf(contentOf(index)));
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'outcome.json'), '{}');
    });
    await forEach(sideFiles, async (index) => {
      const path = join(directory, `${String(index)}${['.json', '.txt', ''][index % 3] ?? ''}`);
      await writeFile(path, 'x');
      await utimes(path, time, time);
    });
  }, 600_000);
  afterAll(async () => {
    console.log(table.toString());
    await worker?.kill();
    // Too many to be looked through for secrets.
    await rm(world.resultsDirectory, { recursive: true });
    await connection.close();
    await world.close();
  }, 600_000);

  async function look(name: string): Promise<ScanDirectoryResult> {
    calls.clear();
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 50);
    const client = new Client({ connection, namespace: world.namespace });
    // This connection would listen to the signal once for each call; that of a worker does not.
    client.withAbortSignal = (_signal, call) => call();
    const results = createDirectoryResultStore(resultsDirectory);
    // Where a worker of this world has its cache.
    const cache = join(world.folder, 'provider-jobs');
    const { scanDirectory } = createIngestActivities({ timeScale: 100, random: Math.random, results }, cache);
    const environment = new MockActivityEnvironment({}, { client });
    const input: ScanDirectoryInput = { directory, steps, mostStarts: 200 };
    const startedAt = performance.now();
    const result = await environment.run<[ScanDirectoryInput], ScanDirectoryResult, typeof scanDirectory>(
      scanDirectory,
      input,
    );
    clearInterval(watch);
    const { started = 0, done = 0, skipped = 0 } = result.counts ?? {};
    const byKind = [...calls].map(([kind, count]) => `${kind} ${String(count)}`).join(', ') || 'none';
    const memory = [`${String(toMb(before))} MB`, `${String(toMb(most))} MB`];
    table.push([name, seconds(performance.now() - startedAt), ...memory, byKind, '', started, done, skipped]);
    expect(toMb(most - before)).toBeLessThan(mostGrowthMb);
    return result;
  }
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

  it('starts what is new with one call each and a few more, and asks little or nothing afterwards', async () => {
    const first = await look('first, nothing read yet');
    expect(first.counts).toEqual({ started: isNew, done: media - isNew, failed: 0, skipped: sideFiles });
    expect(first.started).toHaveLength(Math.min(isNew, 100));
    expect(calls.get('StartWorkflowExecution')).toBe(isNew);
    expect([...calls.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(isNew * 1.05 + 20);
    const second = await look('again, while the new ones run');
    expect(second).toMatchObject({ known: media, counts: { started: 0, done: media - isNew } });
    expect([...calls.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(isNew * 0.05 + 20);
    await forEach(isNew, async (index) => {
      const folder = folderOf(contentOf(index * (media / isNew)));
      await world.client.workflow.getHandle(folder).terminate();
      await mkdir(join(resultsDirectory, folder), { recursive: true });
      await writeFile(join(resultsDirectory, folder, 'outcome.json'), '{}');
    });
    expect((await look('again, all done')).counts).toMatchObject({ started: 0, done: media });
    expect([...calls.values()]).toEqual([]);
  });

  it('is one activity of a worker whose memory does not follow the size of the directory', async () => {
    worker = await startWorkerProcess({
      ...world.environment,
      ...{ PROVIDER_JOBS_ROLES: 'workflows', XDG_CACHE_HOME: world.folder },
      NODE_OPTIONS: `--max-old-space-size=${String(heapMb)}`,
    });
    const pid = worker.process.pid ?? 0;
    for (const name of ['by a worker', 'by it again', 'a third time', 'a fourth time']) {
      const before = await peakOf(pid);
      const startedAt = performance.now();
      const handle = await world.start('ingest', `ingest/${name}`, { directory, steps });
      const result = (await handle.result()) as IngestResult;
      const events = (await handle.fetchHistory()).events?.length ?? 0;
      const most = await peakOf(pid);
      const memory = [`${String(before)} MB`, `${String(most)} MB`];
      const { started, done, skipped } = result.counts;
      table.push([name, seconds(performance.now() - startedAt), ...memory, '', events, started, done, skipped]);
      expect(result).toMatchObject({ known: media, counts: { done: media, skipped: sideFiles } });
      expect(events).toBeLessThan(20);
      expect(most - before).toBeLessThan(mostGrowthMb);
    }
  });
});
