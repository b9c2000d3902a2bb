import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome } from '../../src/contract/job.ts';
import { expectOwnResults } from '../setup/own-results.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('tiroTranscription', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  it('goes from a file to transcript, summaries and translations', async () => {
    const audio = makeWav(600);
    const source = await world.writeSource('talk.wav', audio);
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/happy', {
      source,
      translationLocales: ['ko_KR'],
    });
    const outcome = (await handle.result()) as JobOutcome;
    expect(outcome).toMatchObject({ provider: 'tiro', phase: 'succeeded', status: 'COMPLETED', recognised: true });
    expect(outcome.artifacts.map(({ name }) => name)).toEqual([
      'transcript.json',
      'transcript.txt',
      'transcript.vtt',
      'summary.md',
      'translation.ko_KR.json',
      'summary.ko_KR.md',
    ]);
    await expectOwnResults(outcome.artifacts, audio);
    const [transcript] = outcome.artifacts;
    const stored = await readFile(fileURLToPath(transcript?.uri ?? ''), 'utf8');
    expect(JSON.parse(stored)).toHaveProperty('text');
    expect(outcome.statusCalls).toBe(world.simulator.calls({ operation: 'tiro.status' }).length);
    expect(outcome.statusCalls).toBeLessThanOrEqual(10);
  });

  it('keeps the job whose upload went through though its answer was lost', async () => {
    const { simulator } = world;
    const before = simulator.jobs('tiro').length;
    simulator.addFault({ kind: 'cut-after', operation: 'tiro.storage-put' });
    const audio = makeWav(60, 2);
    const handle = await world.start('tiroTranscription', 'provider-job/tiro/lost', {
      source: await world.writeSource('lost.wav', audio),
    });
    const { phase, jobId, artifacts } = (await handle.result()) as JobOutcome;
    expect(phase).toBe('succeeded');
    await expectOwnResults(artifacts, audio);
    expect(simulator.jobs('tiro').slice(before)).toMatchObject([{ id: jobId, orphan: false }]);
  });
});
