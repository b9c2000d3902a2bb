import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/simulator/index.ts';
import { readRecordedText } from '../setup/recorded-text.ts';
import { makeWav } from '../setup/wav.ts';
import { logLines, startWorld, type World } from '../setup/world.ts';

const canaries = {
  soket: 'canary-soket-4f1d9c',
  twelvelabs: 'canary-twelvelabs-8b2e7a',
  tiro: 'canary-tiro-6c3f.canary-secret-1d5b',
  slng: 'canary-slng-9a8c4e',
};

// Long enough to catch a part of a key, and every signature of a presigned address.
const secretPattern = /canary-(soket|twelvelabs|tiro|slng|secret)-\w+|signature=\w+/i;

describe('secrets', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    const keys = Object.fromEntries(Object.entries(canaries).map(([name, key]) => [name, [key]]));
    world = await startWorld({ simulator: { keys, chunkSizeBytes: 100_000 } });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterAll(() => world.close());

  it.each<[string, string, Operation[]]>([
    ['tiroTranscription', 'tiro', ['tiro.status', 'tiro.storage-put', 'tiro.upload-complete', 'tiro.transcript']],
    ['slngTranscription', 'slng', ['slng.status', 'slng.storage-put', 'slng.create', 'slng.files']],
    [
      'soketTranscription',
      'soket',
      ['soket.upload', 'soket.upload-status', 'soket.batch-status', 'soket.batch-results'],
    ],
    [
      'twelvelabsUpload',
      'twelvelabs',
      ['twelvelabs.create-session', 'twelvelabs.part-put', 'twelvelabs.report', 'twelvelabs.asset-status'],
    ],
  ])('of %s appear in nothing that is recorded, also when errors repeat them', async (type, provider, operations) => {
    for (const operation of operations) world.simulator.addFault({ kind: 'echo', operation, status: 500 });
    const handle = await world.start(type, `provider-job/${provider}/secrets`, { source });
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
    const calls = world.simulator.calls();
    expect(
      operations.filter((operation) => calls.some((call) => call.operation === operation && call.faultId)),
    ).toEqual(operations);
    expect(await readRecordedText(world.client, handle.workflowId)).not.toMatch(secretPattern);
  });

  it('do not appear in the failure of a job whose key is refused with the key in the answer', async () => {
    world.simulator.addFault({ kind: 'echo', operation: 'tiro.create', status: 422 });
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/refused', { source });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'RequestRejected' } });
    expect(await readRecordedText(world.client, handle.workflowId)).not.toMatch(secretPattern);
  });

  it('do not appear in the logs', () => {
    expect(logLines.length).toBeGreaterThan(0);
    expect(logLines.filter((line) => secretPattern.test(line))).toEqual([]);
  });
});
