import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProviderJobs } from '../../src/index.ts';
import { SourceError, type SourceOpener } from '../../src/worker.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

/** A shelf of media in memory, by the rest of the address. */
const shelf = new Map<string, Buffer>();
let closed = 0;

const openFromShelf: SourceOpener = (uri) => {
  const media = shelf.get(uri.slice('mem://'.length));
  if (media === undefined) {
    const fault = uri.includes('later') ? new Error('the shelf is being moved') : null;
    return Promise.reject(fault ?? new SourceError('unreadable', `${uri} is not on the shelf`));
  }
  return Promise.resolve({
    sizeBytes: media.length,
    version: 'v1',
    mediaType: 'audio/wav',
    async *read({ start, end }) {
      for (let position = start; position < end; position += 10_000) {
        await Promise.resolve();
        yield media.subarray(position, Math.min(end, position + 10_000));
      }
    },
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
  });
};

describe('a worker with an opener for a scheme of its own', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      worker: { sources: { 'mem:': openFromShelf } },
      simulator: { chunkSizeBytes: 100_000 },
    });
  });
  afterAll(() => world.close());

  it.each(['tiro', 'twelvelabs', 'soket', 'slng'] as const)('brings its media to %s', async (provider) => {
    const media = makeWav(60);
    shelf.set(`shelf/${provider}.wav`, media);
    const before = closed;
    const job = await new ProviderJobs(world.client).start(provider, { source: `mem://shelf/${provider}.wav` });
    const { phase, failure, artifacts } = await job.result();
    expect({ phase, failure }).toEqual({ phase: 'succeeded', failure: null });
    await expectOwnResults(artifacts, media);
    expect(closed).toBeGreaterThanOrEqual(before + 2);
  });

  it('fails with its words where it refuses', async () => {
    const job = await new ProviderJobs(world.client).start('tiro', { source: 'mem://shelf/none.wav' });
    expect((await job.result()).failure).toEqual({
      type: 'SourceUnreadable',
      message: 'mem://shelf/none.wav is not on the shelf',
    });
  });

  it('waits where it breaks', async () => {
    const job = await new ProviderJobs(world.client).start('tiro', { source: 'mem://shelf/later.wav' });
    for await (const { lastError } of job.watch()) {
      if (lastError !== null) break;
    }
    shelf.set('shelf/later.wav', makeWav(5));
    expect(await job.result()).toMatchObject({ phase: 'succeeded' });
  });

  it.each(['file:', 'https:', 'http:', 'mem', 'MEM:', 'mem://'])('refuses an opener for %s', async (scheme) => {
    await expect(world.startWorker({ sources: { [scheme]: openFromShelf } })).rejects.toThrow(
      `none of file:, https:, http:; given ${scheme}`,
    );
  });
});
