import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('uploads that take every transfer slot', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ environment: { PROVIDER_JOBS_TRANSFERS: '2' } });
  });
  afterAll(() => world.close());

  it('do not hold up status calls of the same provider', async () => {
    const source = await world.writeSource('talk.wav', makeWav(60));
    world.simulator.setPlan('tiro', { script: [{ status: 'PROCESSING', polls: 5 }] });
    const id = await beginTiroJob(world.simulator);
    const fault = world.simulator.addFault({ kind: 'hold', operation: 'tiro.storage-put', times: null });
    const uploads = await Promise.all(
      [1, 2, 3].map((number) =>
        world.start('tiroTranscription', `provider-job/tiro/slow-${String(number)}`, { source }),
      ),
    );
    const held = () => world.simulator.calls({ operation: 'tiro.storage-put' }).filter(({ state }) => state === 'open');
    await eventually('both slots are taken', () => held().length === 2);
    const input = { provider: 'tiro', resource: 'voice-file-job', id };
    const tracked = await world.start('trackJob', `provider-job/tiro/voice-file-job/${id}`, input);
    expect(await tracked.result()).toMatchObject({ phase: 'succeeded' });
    expect(held()).toHaveLength(2);
    world.simulator.release(fault);
    for (const upload of uploads) expect(await upload.result()).toMatchObject({ phase: 'succeeded' });
  });
});
