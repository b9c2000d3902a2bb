import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

describe('a result store that takes nothing', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ timeScale: 20 });
    source = await world.writeSource('talk.wav', makeWav(5));
  });
  afterAll(() => world.close());

  const block = () => writeFile(world.resultsDirectory, 'in the way');
  const unblock = () => rm(world.resultsDirectory);
  const pendingTypes = async (workflowId: string) => {
    const { raw } = await world.client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.map(({ lastFailure }) => lastFailure?.applicationFailureInfo?.type) ?? [];
  };

  it.each([
    { workflowType: 'tiroTranscription', provider: 'tiro' },
    { workflowType: 'slngTranscription', provider: 'slng' },
    { workflowType: 'soketTranscription', provider: 'soket' },
  ])('delays a job of $provider until it is repaired, and the transcription is not repeated', async (row) => {
    await block();
    const workflowId = `provider-job/${row.provider}/repaired`;
    const handle = await world.start(row.workflowType, workflowId, { source });
    await eventually('the failure shows', async () => (await pendingTypes(workflowId)).includes('ResultStoreFailed'));
    const before = world.simulator.counters().jobsCreated;
    await unblock();
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
    expect(world.simulator.counters().jobsCreated).toEqual(before);
    await unblockAll();
  });

  const unblockAll = () => rm(world.resultsDirectory, { recursive: true, force: true });

  it('is borne for more than ten attempts, with the reason in the pending activity', async () => {
    await block();
    const handle = await world.start('slngTranscription', 'provider-job/slng/long-broken', { source });
    const pending = async () => (await handle.describe()).raw.pendingActivities?.[0];
    await eventually('the eleventh attempt is due', async () => ((await pending())?.attempt ?? 0) > 10, 55_000);
    expect((await pending())?.lastFailure?.message).toContain('a part of the path is a file');
    await unblock();
    expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
  });
});
