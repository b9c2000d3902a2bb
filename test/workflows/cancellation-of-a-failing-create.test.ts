import { expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld } from '../setup/world.ts';

it('closes as cancelled where the create in flight fails after all', async () => {
  const world = await startWorld({ timeScale: 1000 });
  const { simulator } = world;
  simulator.addFault({ kind: 'hold', operation: 'twelvelabs.create-session' });
  const source = await world.writeSource('clip.wav', makeWav(1));
  const handle = await world.start('twelvelabsUpload', 'provider-job/race/fails-in-flight', { source });
  const isOpen = () =>
    simulator.calls({ operation: 'twelvelabs.create-session' }).some(({ state }) => state === 'open');
  await eventually('the create is under way', isOpen);
  await handle.cancel();
  await eventually('the cancellation has reached the activity', async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(({ state }) => Number(state) === 3);
  });
  await simulator.close();
  await expect(handle.result()).rejects.toThrow(/cancel/i);
  const { status, memo } = await handle.describe();
  const media = [
    { name: 'clip.wav', sizeBytes: expect.any(Number) as number, mediaType: 'audio/wav', durationSeconds: 1 },
  ];
  const told = { cleanup: 'not-supported', ids: {}, media };
  expect({ status: status.name, memo }).toEqual({ status: 'CANCELLED', memo: told });
  await world.close();
});
