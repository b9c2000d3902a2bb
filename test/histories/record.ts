import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';
import { lifecyclePaths } from './lifecycle-paths.ts';
import { otherPaths } from './other-paths.ts';
import { nameOfHistory, type Path } from './recording.ts';

const paths: Record<string, Path> = { ...lifecyclePaths, ...otherPaths };

const base64 = /(?<="data": ")[\w+/]+=*(?=")/g;

// What belongs to the machine that recorded says nothing to others. Payloads are JSON in base64.
function neutralise(text: string, { folder }: World): string {
  const inPayload = (data: string) => {
    const written = Buffer.from(data, 'base64').toString();
    return written.includes(folder) ? Buffer.from(written.replaceAll(folder, '/media')).toString('base64') : data;
  };
  return text
    .replaceAll(base64, inPayload)
    .replaceAll(folder, '/media')
    .replaceAll(`${process.cwd()}/`, '')
    .replaceAll(new RegExp(`\\d+@${hostname()}`, 'g'), 'recorded');
}

// Run by `npm run histories`; not part of the suite.
describe('recording histories', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    // With a rate, the first looks at Soket wait for a timer; with none, at TwelveLabs, for a booking.
    const environment = { SOKET_RATE: '1000/s' };
    world = await startWorld({
      ...{ namespace: 'default', startWorker: false, environment },
      simulator: { chunkSizeBytes: 100_000 },
    });
    // Where the worker keeps content hashes, which it settles when it starts.
    process.env['XDG_CACHE_HOME'] = world.folder;
    await world.startWorker();
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterAll(() => world.close());

  it.each(Object.entries(paths))('%s', async (name, path) => {
    const file = new URL(`${nameOfHistory(name)}.json`, import.meta.url);
    if (existsSync(file)) return;
    const start = (type: string, key: string, input: object = {}) =>
      world.start(type, `provider-job/${type}/${key}`, { source, ...input });
    const handle = await path({ world, source, start });
    await handle.result().catch(() => undefined);
    const text = neutralise(historyToJSON(await handle.fetchHistory()), world);
    expect(text).toContain('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED');
    await writeFile(file, `${text}\n`);
    world.simulator.clearFaults();
  });
});
