import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { startTwelvelabsWorld, type TwelvelabsWorld } from './twelvelabs-world.ts';

describe('a TwelveLabs upload whose session or asset ends otherwise', () => {
  let world: TwelvelabsWorld;
  beforeAll(async () => {
    world = await startTwelvelabsWorld();
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());
  const sessions = () => world.simulator.counters().jobsCreated.twelvelabs;

  it('begins anew with a session that fails after nine parts in ten', async () => {
    const before = sessions();
    world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'failed', afterParts: 900 } });
    const outcome = await world.finish(await world.startUpload(1000));
    expect(sessions() - before).toBe(2);
    expect(Object.keys(world.partsOf(outcome))).toHaveLength(1000);
  });

  it('counts the repairs over all sessions', async () => {
    const before = sessions();
    const failedChunks = [{ index: 40, times: 4 }];
    const sessionEnd = { status: 'failed', afterParts: 50 } as const;
    world.simulator.setPlan('twelvelabs', { failedChunks, sessionEnd, jobs: 2 });
    expect(await world.failureOf(await world.startUpload(50))).toMatchObject({ type: 'UploadFailed' });
    // Four repairs in the first session leave three for the second.
    expect(sessions() - before).toBe(2);
  });

  it('takes a session with full counters for unfinished until TwelveLabs says that it is completed', async () => {
    world.simulator.setPlan('twelvelabs', { holdActive: true });
    const handle = await world.startUpload(60);
    const asked = () => world.simulator.calls({ operation: 'twelvelabs.session-status' }).length;
    const jobId = await eventually('every part is there', () => {
      const session = world.simulator.jobs('twelvelabs').findLast(({ resource }) => resource === 'multipart-upload');
      const parts = world.simulator.counters().parts[session?.id ?? ''] ?? {};
      return Object.keys(parts).length === 60 ? session?.id : null;
    });
    const before = asked();
    await eventually('it was asked again', () => asked() >= before + 3);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    world.simulator.setPlan('twelvelabs', { jobId, holdActive: false });
    expect(world.partsOf(await world.finish(handle))).toMatchObject({ 1: 1, 60: 1 });
  });

  it('ends with the phase failed where the asset fails after a completed session', async () => {
    world.simulator.setPlan('twelvelabs', { outcome: 'failed', message: 'The codec is not supported' });
    const outcome = await world.finish(await world.startUpload(50));
    expect(outcome).toMatchObject({ phase: 'failed', status: 'failed', artifacts: [] });
  });

  it('goes on asking where the asset has a status that nobody knows', async () => {
    const assetScript = [
      { status: 'transmogrifying', polls: 2 },
      { status: 'Ready?', polls: 1 },
    ];
    world.simulator.setPlan('twelvelabs', { assetScript });
    const outcome = await world.finish(await world.startUpload(50));
    expect(outcome).toMatchObject({ phase: 'succeeded', status: 'ready', recognised: true });
  });
});
