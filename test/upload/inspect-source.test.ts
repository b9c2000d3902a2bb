import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fastCheck from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectSource } from '../../src/upload/inspect-source.ts';
import { makeWav } from '../setup/wav.ts';
import { startContentServer } from './content-server.ts';

const media = new URL('../../examples/media/', import.meta.url);
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'inspect-source-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function inspectBytes(name: string, bytes: Uint8Array) {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return inspectSource(pathToFileURL(path).href);
}

test('tells the duration of a recording', async () => {
  expect(await inspectBytes('silence.wav', makeWav(90))).toMatchObject({
    ...{ fileName: 'silence.wav', mediaType: 'audio/wav', sizeBytes: 720_044, durationSeconds: 90 },
  });
});

test.each(['speech.wav', 'clip.mp4'])('tells the same of %s from a file and over https', async (name) => {
  const fromFile = await inspectSource(new URL(name, media).href);
  expect(fromFile.durationSeconds).toBeGreaterThan(5);
  const server = await startContentServer({ content: await readFile(new URL(name, media)), mediaType: null });
  const overHttps = await inspectSource(`${server.origin}/${name}`, { ca: server.ca, allowPrivateAddresses: true });
  await server.close();
  expect({ ...overHttps, uri: '', fingerprint: '' }).toEqual({ ...fromFile, uri: '', fingerprint: '' });
});

test('reads a small part of a large file over https', async () => {
  const server = await startContentServer({ content: makeWav(3600), mediaType: 'audio/wav' });
  const { durationSeconds } = await inspectSource(`${server.origin}/hour.wav`, {
    ca: server.ca,
    allowPrivateAddresses: true,
  });
  expect(durationSeconds).toBe(3600);
  expect(server.sentBytes()).toBeLessThan(1_000_000);
  await server.close();
});

test('tells no duration of what is not media, whatever its name', async () => {
  const bytes = fastCheck.uint8Array({ minLength: 1, maxLength: 500 });
  const name = fastCheck.constantFrom('a.mp4', 'a.wav', 'a.mp3', 'a.mkv', 'a.ogg', 'a.flac', 'a.txt', 'a');
  await fastCheck.assert(
    fastCheck.asyncProperty(bytes, name, async (content, fileName) => {
      expect(await inspectBytes(fileName, content)).toMatchObject({ fileName, durationSeconds: null });
    }),
    { numRuns: 60 },
  );
});

test('tells no duration of a damaged recording', async () => {
  const clip = await readFile(new URL('clip.mp4', media));
  expect((await inspectBytes('cut.mp4', clip.subarray(0, 40))).durationSeconds).toBeNull();
});

test('throws for a source that cannot be read', async () => {
  const inspecting = inspectSource(pathToFileURL(join(directory, 'missing.wav')).href);
  await expect(inspecting).rejects.toMatchObject({ name: 'SourceError', kind: 'unreadable' });
});
