import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failAtRandom, startTwelvelabsWorld, type TwelvelabsWorld } from '../workflows/twelvelabs-world.ts';

const chunkCount = 10_000;

describe('an upload of 10,000 chunks', () => {
  let world: TwelvelabsWorld;
  beforeAll(async () => {
    world = await startTwelvelabsWorld('default');
  });
  afterEach(() => {
    world.simulator.clearFaults();
  });
  afterAll(() => world.close());

  it.each([0.01, 0.1, 0.5])('ends well where %d of all attempts fail', async (rate) => {
    failAtRandom(world.simulator, chunkCount, rate);
    const parts = world.partsOf(await world.finish(await world.startUpload(chunkCount)));
    expect(Object.keys(parts)).toHaveLength(chunkCount);
    expect(Math.max(...Object.values(parts))).toBe(1);
  });
});
