import { createDirectoryResultStore } from '../../src/results/directory-result-store.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createInspectSource,
  type InspectSourceInput,
  type InspectSourceResult,
} from '../../src/activities/inspect-source.ts';
import { inspectSource as inspect } from '../../src/upload/inspect-source.ts';
import { type ContentServer, startContentServer } from '../upload/content-server.ts';
import { makeMp3, makePromisingMp3, samples } from '../setup/media.ts';
import { makeWav } from '../setup/wav.ts';
import { LookPlanner } from '../../src/polling/look-planner.ts';

const hourSeconds = 3600;

describe('inspectSource', () => {
  let folder: string;
  let server: ContentServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-jobs-inspect-'));
    server = await startContentServer({ content: makeWav(2) }, false);
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const notHere = () => Promise.reject(new Error('not here'));
  const activity = createInspectSource({
    inspectSource: (uri, signal, wanted) => inspect(uri, { signal, allowPrivateAddresses: true }, wanted),
    ...{ connect: notHere, openSource: notHere, results: createDirectoryResultStore('nowhere') },
    ...{ timeScale: 1, random: () => 0.5 },
    looks: new LookPlanner({ timeScale: 1, random: () => 0.5 }),
  });
  const look = (provider: InspectSourceInput['provider'], input: object): Promise<InspectSourceResult> =>
    new MockActivityEnvironment().run<[InspectSourceInput], InspectSourceResult, typeof activity>(activity, {
      provider,
      input,
    });
  const write = async (name: string, content: Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return pathToFileURL(path).href;
  };
  const typeOf = async (provider: InspectSourceInput['provider'], input: object) =>
    (await look(provider, input)).sources[0]?.mediaType;

  it.each([
    ['talk.wav', samples.wav(), ['audio/wav', 'audio/x-wav', 'audio/vnd.wave', 'audio/wave'], 'audio/wav'],
    ['talk.mp3', samples.mp3(), ['audio/mpeg', 'audio/mp3', 'audio/x-mpeg-3', 'audio/mpg'], 'audio/mpeg'],
    ['memo.m4a', samples.m4a(), ['audio/mp4', 'audio/x-m4a', 'audio/m4a', 'audio/mp4a-latm', 'audio/aac'], 'audio/mp4'],
    ['clip.m4v', samples.mp4(), ['video/mp4', 'video/x-m4v', 'application/mp4'], 'video/mp4'],
  ])('takes %s for Tiro and SLNG under every name that servers give its type', async (name, content, names, type) => {
    for (const declared of [...names, 'application/octet-stream', 'text/plain', 'application/x-download', null, '?']) {
      server.behaviour = { content, mediaType: declared };
      const source = `${server.origin}/${name}`;
      expect(await typeOf('tiro', { source }), String(declared)).toBe(type);
      // SLNG takes AAC as well, so that what is declared as such is believed.
      if (declared !== 'audio/aac') expect(await typeOf('slng', { source }), String(declared)).toBe(type);
    }
  });

  it('refuses what a provider does not take, naming what it takes, and takes it by the caller’s word', async () => {
    const source = await write('talk.flac', samples.flac());
    const refused = look('tiro', { source });
    await expect(refused).rejects.toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    await expect(refused).rejects.toThrow(/talk\.flac is audio\/flac; Tiro takes mp3, wav, m4a, mp4; .* mediaType/);
    expect(await typeOf('slng', { source })).toBe('audio/flac');
    expect(await typeOf('tiro', { source, mediaType: 'Audio/X-Wav' })).toBe('audio/wav');
    await expect(look('tiro', { source, mediaType: 'audio/flac' })).rejects.toThrow(/takes mp3, wav, m4a, mp4$/);
  });

  it('refuses a page in place of a recording, whatever its address', async () => {
    server.behaviour = { content: Buffer.from('<html>please log in</html>'), mediaType: 'text/html; charset=utf-8' };
    for (const provider of ['tiro', 'slng'] as const) {
      const looking = look(provider, { source: `${server.origin}/talk.mp3` });
      await expect(looking).rejects.toThrow('talk.mp3 is text/html');
    }
  });

  it('believes no length that is only read from a header: it refuses nothing and shortens no deadline', async () => {
    const source = await write('lecture.mp3', makePromisingMp3(25 * 60));
    const short = await write('short.mp3', makeMp3());
    const unknown = await write('unknown.mp3', Buffer.from('no frames at all'));
    const [promise, brief, none] = [
      await look('tiro', { source }),
      await look('tiro', { source: short }),
      await look('tiro', { source: unknown }),
    ];
    expect(promise.sources[0]?.durationSeconds).toBeGreaterThan(3 * hourSeconds);
    expect(brief.sources[0]?.durationSeconds).toBeLessThan(10);
    expect(none.sources[0]?.durationSeconds).toBeNull();
    for (const { deadlineMs } of [promise, brief]) expect(deadlineMs).toBeGreaterThanOrEqual(none.deadlineMs);
    for (const provider of ['slng', 'soket', 'twelvelabs'] as const) {
      const [{ deadlineMs }, { deadlineMs: forUnknown }] = [
        await look(provider, { source: short, ...(provider === 'twelvelabs' ? { type: 'audio' } : {}) }),
        await look(provider, { source: unknown, ...(provider === 'twelvelabs' ? { type: 'audio' } : {}) }),
      ];
      expect(deadlineMs).toBeGreaterThanOrEqual(forUnknown);
    }
  });

  it('believes the length that the caller gives', async () => {
    const source = await write('talk.wav', makeWav(2));
    const given = await look('tiro', { source, durationSeconds: 1800 });
    expect(given.sources[0]).toMatchObject({ durationSeconds: 1800, facts: { durationSeconds: 'given' } });
    expect(given.processingTime).toEqual({ earliestMs: 180_000, latestMs: 360_000 });
    await expect(look('tiro', { source, durationSeconds: 4 * hourSeconds })).rejects.toThrow(/at most 3 h/);
  });

  it('takes the given length of several files for that of all together', async () => {
    const files = [await write('one.wav', makeWav(2)), await write('two.wav', makeWav(3))];
    const { sources } = await look('soket', { source: files, durationSeconds: 900, mediaType: 'audio/x-wav' });
    expect(sources.map(({ durationSeconds, mediaType }) => [durationSeconds, mediaType])).toEqual([
      [2, 'audio/wav'],
      [3, 'audio/wav'],
    ]);
  });

  it('refuses for TwelveLabs what can only be read as a whole, before anything is made there', async () => {
    server.behaviour = { content: samples.mp4(), mediaType: 'video/mp4', ignoresRange: true };
    const source = `${server.origin}/clip.mp4`;
    await expect(look('twelvelabs', { source })).rejects.toThrow('its server ignores Range');
    expect(await typeOf('soket', { source })).toBe('video/mp4');
  });
});
