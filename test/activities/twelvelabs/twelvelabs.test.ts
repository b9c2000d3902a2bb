import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createTwelveLabsActivities } from '../../../src/activities/twelvelabs/twelvelabs.ts';
import { createDirectoryResultStore } from '../../../src/results/directory-result-store.ts';
import { inspectSource } from '../../../src/upload/inspect-source.ts';
import { openSource } from '../../../src/upload/open-source.ts';
import { inAttempt } from '../../setup/attempts.ts';
import { startTwelveLabsServer, type TwelveLabsServer } from '../../providers/twelvelabs/twelvelabs-server.ts';
import { LookPlanner } from '../../../src/polling/look-planner.ts';

describe('the activities of TwelveLabs', () => {
  let server: TwelveLabsServer;
  let folder: string;
  let activities: ReturnType<typeof createTwelveLabsActivities>;
  beforeAll(async () => {
    server = await startTwelveLabsServer();
    folder = await mkdtemp(join(tmpdir(), 'twelvelabs-activities-'));
    activities = createTwelveLabsActivities({
      connect: () => Promise.resolve(server.connection),
      inspectSource: (uri, signal) => inspectSource(uri, { signal }),
      openSource: (uri, expectedFingerprint) => openSource(uri, { expectedFingerprint }),
      results: createDirectoryResultStore(folder),
      timeScale: 100,
      random: () => 0.5,
      looks: new LookPlanner({ timeScale: 100, random: () => 0.5 }),
    });
  });
  beforeEach(() => {
    server.requests.length = 0;
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test.each([
    ['an asset that is processing', 'processing', 204, 'cancelled', true],
    ['an asset that is gone when it is deleted', 'processing', 404, 'cancelled', true],
    ['an asset that an index refers to', 'processing', 409, 'not-supported', true],
    ['an asset that may not be deleted', 'processing', 400, 'not-supported', true],
    ['an asset that is ready', 'ready', 204, 'already-finished', false],
    ['an asset that failed', 'failed', 204, 'already-finished', false],
    ['an asset that nobody knows', null, 204, 'cancelled', false],
  ])('clean-up of %s', async (_what, status, deleteStatus, cleanup, deletes) => {
    server.answer = ({ method }) => {
      const body = { code: 'resource_not_exists', message: 'no such asset' };
      if (method === 'DELETE') return { status: deleteStatus, ...(deleteStatus === 404 ? { body } : {}) };
      return status === null ? { status: 404, body } : { body: { _id: 'a1', status } };
    };
    const environment = inAttempt();
    await expect(environment.run(activities.calls.cleanUpTwelveLabsUpload, { assetId: 'a1' })).resolves.toBe(cleanup);
    expect(server.asked().includes('DELETE /v1.3/assets/a1')).toBe(deletes);
  });

  it.each(['GET', 'DELETE'])('clean-up is tried again where a %s is answered by something else', async (wrong) => {
    server.answer = ({ method }) => {
      if (method === wrong) return { status: 404, body: 'page not found' };
      return { body: { _id: 'a1', status: 'processing' } };
    };
    const environment = inAttempt();
    const cleanUp = environment.run(activities.calls.cleanUpTwelveLabsUpload, { assetId: 'a1' });
    await expect(cleanUp).rejects.toMatchObject({ nonRetryable: false });
  });

  it('clean-up that finds TwelveLabs down is tried again', async () => {
    server.answer = () => ({ status: 503 });
    const environment = inAttempt();
    const cleanUp = environment.run(activities.calls.cleanUpTwelveLabsUpload, { assetId: 'a1' });
    await expect(cleanUp).rejects.toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
  });

  it('stores the asset as TwelveLabs describes it', async () => {
    const body = { _id: 'a1', status: 'ready', technical_metadata: { width: 1280 } };
    server.answer = () => ({ body });
    const input = { assetId: 'a1', folder: 'job/1' };
    const stored = await inAttempt().run(activities.transfers.collectTwelveLabsAsset, input);
    expect(stored).toMatchObject([{ name: 'asset.json', mediaType: 'application/json' }]);
    expect(JSON.parse(await readFile(join(folder, 'job', '1', 'asset.json'), 'utf8'))).toEqual(body);
  });
});
