import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TwelveLabs } from 'twelvelabs-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';

const partSize = 64 * 1024;
const partCount = 13;

let simulator: Simulator;
let directory: string;

beforeEach(async () => {
  // The vendor's client tells its progress on the console.
  vi.spyOn(console, 'log').mockReturnValue();
  directory = await mkdtemp(join(tmpdir(), 'twelvelabs-js-'));
  simulator = await startSimulator({ timeScale: 100, chunkSizeBytes: partSize });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await simulator.close();
  await rm(directory, { recursive: true });
});

test("the vendor's own client uploads a file of many parts and waits until its asset is ready", async () => {
  const path = join(directory, 'match.mp4');
  await writeFile(path, Buffer.alloc(partSize * (partCount - 1) + 1000, 7));
  vi.stubEnv('TWELVELABS_BASE_URL', simulator.baseUrls.twelvelabs);
  const client = new TwelveLabs({ apiKey: simulator.keys.twelvelabs[0] ?? '' });

  const { assetId, assetUrl } = await client.multipartUpload.uploadFile(path);
  expect(assetUrl).toContain(assetId);
  const [session] = simulator.jobs('twelvelabs').filter(({ resource }) => resource === 'multipart-upload');
  const waited = await client.multipartUpload.waitForUploadCompletion(session?.id ?? '', { sleepInterval: 0.01 });
  expect(waited).toEqual({ status: 'completed', completedChunks: partCount, totalChunks: partCount });
  await expect.poll(async () => (await client.assets.retrieve(assetId)).status).toBe('ready');

  const parts = simulator.counters().parts[session?.id ?? ''] ?? {};
  expect(Object.values(parts)).toEqual(Array.from({ length: partCount }, () => 1));
  const sizes = simulator.objects('twelvelabs').map(({ sizeBytes }) => sizeBytes);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(partSize * (partCount - 1) + 1000);
});
