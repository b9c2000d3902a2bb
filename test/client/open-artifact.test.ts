import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDirectoryResultStore, ProviderJobs, type ReadableResultStore } from '../../src/index.ts';
import type { StoredArtifact } from '../../src/results/result-store.ts';

// No artifact is looked for in Temporal.
const client = new Client();
let directory: string;
let artifact: StoredArtifact;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'open-artifact-'));
  const store = createDirectoryResultStore(directory);
  artifact = await store.write('provider-job/tiro/k', 'transcript.txt', 'text/plain', 'héllo\n'.repeat(50_000));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test.each<[string, () => ReadableResultStore | string | undefined]>([
  ['its own address', () => undefined],
  ['the directory', () => directory],
  ['the store', () => createDirectoryResultStore(directory)],
])('an artifact is read by %s', async (_what, results) => {
  const jobs = new ProviderJobs(client, { results: results() });
  const content = await buffer(await jobs.openArtifact(artifact));
  expect(content.length).toBe(artifact.sizeBytes);
  expect(content.toString()).toBe('héllo\n'.repeat(50_000));
});

test('an artifact that is gone is said to be, before anything is read', async () => {
  await rm(fileURLToPath(artifact.uri));
  const opened = new ProviderJobs(client).openArtifact(artifact);
  await expect(opened).rejects.toMatchObject({ name: 'ResultStoreError', code: 'ENOENT' });
  await expect(opened).rejects.toThrow('it was removed, or it is on another machine');
});

test.each([
  ['cut', 'héllo\n'],
  ['changed', 'hällo\n'.repeat(50_000)],
])('the stream of an artifact that was %s ends with an error', async (_how, content) => {
  await writeFile(fileURLToPath(artifact.uri), content);
  const stream = await new ProviderJobs(client).openArtifact(artifact);
  await expect(text(stream)).rejects.toMatchObject({ name: 'ResultStoreError', code: 'CHANGED' });
});

test('an error of the store on the way reaches the reader', async () => {
  const store = createDirectoryResultStore(directory);
  const failing = new Readable({
    read() {
      this.destroy(new Error('the disk is gone'));
    },
  });
  const jobs = new ProviderJobs(client, { results: { ...store, read: () => Promise.resolve(failing) } });
  await expect(text(await jobs.openArtifact(artifact))).rejects.toThrow('the disk is gone');
});

test('a stream that is given up closes the file', async () => {
  const store = createDirectoryResultStore(directory);
  let inner: Readable | undefined;
  const read = async (uri: string) => (inner = await store.read(uri));
  const stream = await new ProviderJobs(client, { results: { ...store, read } }).openArtifact(artifact);
  const closed = new Promise((resolve) => inner?.once('close', resolve));
  stream.destroy();
  await closed;
  expect(inner?.destroyed).toBe(true);
});
