import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { Operation, SimulatedProvider } from '../../src/simulator/index.ts';
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

  it.each<[SimulatedProvider, Operation, Operation]>([
    ['tiro', 'tiro.storage-put', 'tiro.status'],
    ['slng', 'slng.storage-put', 'slng.status'],
    ['soket', 'soket.upload', 'soket.batch-status'],
    ['twelvelabs', 'twelvelabs.part-put', 'twelvelabs.asset-status'],
  ])('do not hold up the results of a job that is done (%s)', async (provider, put, status) => {
    const begin = async (name: string) =>
      world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/${name}`, {
        source: await world.writeSource(`${provider}-${name}.wav`, makeWav(5)),
      });
    world.simulator.setPlan(provider, { durationMs: 0 });
    const asked = world.simulator.addFault({ kind: 'hold', operation: status, times: null });
    const done = await begin('done');
    const open = (operation: Operation) =>
      world.simulator.calls({ operation }).filter(({ state }) => state === 'open').length;
    await eventually('the job is waited for', () => open(status) > 0);
    const uploaded = world.simulator.addFault({ kind: 'hold', operation: put, times: null });
    const uploads = await Promise.all([begin('large'), begin('larger')]);
    await eventually('both slots are taken', () => open(put) >= 2);
    world.simulator.release(asked);
    expect(await done.result()).toMatchObject({ phase: 'succeeded' });
    expect(open(put)).toBeGreaterThanOrEqual(2);
    world.simulator.release(uploaded);
    for (const upload of uploads) expect(await upload.result()).toMatchObject({ phase: 'succeeded' });
  });
});
