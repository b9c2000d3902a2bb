import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fastCheck from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectSource, type WantedMedia } from '../../src/upload/inspect-source.ts';
import { makeMp4 } from '../setup/media.ts';
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
  expect(fromFile.facts).toEqual({ mediaType: 'name', durationSeconds: 'content' });
});

test('says where each fact is from', async () => {
  const named = await inspectBytes('talk.wav', makeWav(3));
  expect(named.facts).toEqual({ mediaType: 'name', durationSeconds: 'content' });
  expect(named.isPublic).toBe(false);
  expect(await inspectBytes('recording', makeWav(3))).toMatchObject({
    ...{ mediaType: 'audio/wav', durationSeconds: 3, facts: { mediaType: 'content', durationSeconds: 'content' } },
  });
  expect((await inspectBytes('nothing', Buffer.from('no media'))).facts).toEqual({});
  const uri = pathToFileURL(join(directory, 'talk.wav')).href;
  expect(await inspectSource(uri, {}, { mediaType: 'audio/x-m4a', durationSeconds: 77 })).toMatchObject({
    ...{ mediaType: 'audio/mp4', durationSeconds: 77, facts: { mediaType: 'given', durationSeconds: 'given' } },
  });
});

test('believes the content where the label is not of a wanted format', async () => {
  const server = await startContentServer({ content: makeWav(3), mediaType: 'audio/ogg' });
  const options = { ca: server.ca, allowPrivateAddresses: true };
  const look = (wanted?: WantedMedia) => inspectSource(`${server.origin}/talk`, options, wanted);
  expect(await look()).toMatchObject({ mediaType: 'audio/ogg', facts: { mediaType: 'declared' } });
  expect(await look({ formats: ['wav'] })).toMatchObject({ mediaType: 'audio/wav', facts: { mediaType: 'content' } });
  expect(await look({ formats: ['flac'] })).toMatchObject({ mediaType: 'audio/ogg' });
  await server.close();
});

describe('a server that ignores Range', () => {
  // The index of this container is at its end, where the parser would look for it.
  const large = Buffer.concat([makeMp4(), Buffer.alloc(20_000_000)]);

  test('is not read through for the length', async () => {
    const server = await startContentServer({ content: large, mediaType: null, ignoresRange: true });
    const options = { ca: server.ca, allowPrivateAddresses: true };
    expect(await inspectSource(`${server.origin}/clip`, options)).toMatchObject({
      ...{ mediaType: 'video/mp4', sizeBytes: large.length, durationSeconds: null },
    });
    expect(server.sentBytes()).toBeLessThan(large.length / 2);
    await server.close();
  });

  test('is refused where the content is to be sent in parts', async () => {
    const server = await startContentServer({ content: large, ignoresRange: true });
    const options = { ca: server.ca, allowPrivateAddresses: true };
    const looking = inspectSource(`${server.origin}/clip.mp4`, options, { inParts: true });
    await expect(looking).rejects.toMatchObject({ name: 'SourceError', kind: 'refused', retryable: false });
    await expect(looking).rejects.toThrow('can only be read as a whole');
    server.behaviour.ignoresRange = false;
    const { mediaType } = await inspectSource(`${server.origin}/clip.mp4`, options, { inParts: true });
    expect(mediaType).toBe('video/mp4');
    await server.close();
  });
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
