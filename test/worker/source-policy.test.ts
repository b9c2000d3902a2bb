import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../setup/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ environment: { PROVIDER_JOBS_SOURCE_ROOTS: '/there/is/no/such/root' } });
});

afterAll(async () => {
  await world.close();
});

test.each([
  ['a file outside of the roots', () => world.writeSource('talk.wav', 'content'), 'PROVIDER_JOBS_SOURCE_ROOTS'],
  [
    'an address of this machine',
    () => Promise.resolve(`${world.simulator.url}/media/talk.wav`),
    'PROVIDER_JOBS_ALLOW_PRIVATE_SOURCES',
  ],
])('a worker refuses %s before it calls the provider', async (_what, makeSource, setting) => {
  const job = await world.start('tiroTranscription', `refused-${setting}`, { source: await makeSource() });
  await expect(job.result()).rejects.toMatchObject({
    cause: { type: 'SourceUnreadable', message: expect.stringContaining(setting) as string },
  });
  expect(world.simulator.calls()).toEqual([]);
});
