import { rm, truncate, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { startWorld, type World } from '../setup/world.ts';
import { describeFailure } from './describe-failure.ts';

const chunkSizeBytes = 4096;
const chunks = 6;
const held = 3;

describe('a source that is no longer the same when its failed chunk is to be sent again', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ timeScale: 20, simulator: { chunkSizeBytes } });
  });
  afterAll(() => world.close());

  it.each([
    {
      what: 'rewritten at the same size',
      change: (path: string) => writeFile(path, Buffer.alloc(chunks * chunkSizeBytes, 9)),
      says: /is not the content that this job began with/,
    },
    {
      what: 'shrunk',
      change: (path: string) => truncate(path, chunkSizeBytes),
      says: /is not the content that this job began with/,
    },
    { what: 'removed', change: (path: string) => rm(path), says: /does not exist/ },
  ])('ends as SourceUnreadable when it was $what, with no mixed upload', async ({ what, change, says }) => {
    const key = what.replaceAll(' ', '-');
    const source = await world.writeSource(`${key}.mp4`, Buffer.alloc(chunks * chunkSizeBytes, 7));
    const fault = world.simulator.addFault({
      // The next attempt comes when the source is another one already.
      ...{ kind: 'status', status: 503, times: null, retryAfter: { form: 'seconds', seconds: 3 } },
      ...{ operation: 'twelvelabs.part-put', match: { partIndex: held } },
    });
    const handle = await world.start('twelvelabsUpload', `provider-job/twelvelabs/${key}`, { source });
    const isTriedAgain = async () =>
      (await handle.describe()).raw.pendingActivities?.some(
        ({ activityType, lastFailure }) => activityType?.name === 'uploadTwelveLabsChunks' && Boolean(lastFailure),
      );
    await eventually('an attempt has failed and the next one is due', isTriedAgain);
    await change(fileURLToPath(source));
    world.simulator.release(fault);

    const failure = describeFailure(await handle.result().catch((error: unknown) => error));
    expect(failure).toEqual({ type: 'SourceUnreadable', text: expect.stringMatching(says) as string });
    const session = world.simulator.jobs('twelvelabs').findLast(({ resource }) => resource === 'multipart-upload');
    expect(Object.keys(world.simulator.counters().parts[session?.id ?? ''] ?? {})).not.toContain(String(held));
    expect(session?.status).toBe('active');
  });
});
