import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lifecycleWorkflowTypes } from '../../src/contract/workflow-types.ts';
import type { LifecycleProvider } from '../../src/providers/lifecycle-inputs.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const lifecycles = Object.keys(lifecycleWorkflowTypes) as LifecycleProvider[];
// Only root may mount a file system, which is the one way to a disk that is really full.
const mayMount = process.getuid?.() === 0;

describe.skipIf(!mayMount)('a result store whose disk is full', () => {
  let disk: string;
  let world: World;
  let source: string;
  const filler = () => join(disk, 'filler');
  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'provider-jobs-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    const environment = { PROVIDER_JOBS_RESULTS: join(disk, 'results') };
    world = await startWorld({ timeScale: 20, namespace: 'default', environment });
    source = await world.writeSource('talk.wav', makeWav(5));
  });
  afterAll(async () => {
    await world.close().finally(() => execFileSync('umount', [disk]));
    await rm(disk, { recursive: true, force: true });
  });

  it.each(lifecycles)(
    'delays a job of %s until there is room, leaves no halves and repeats nothing',
    async (provider) => {
      await writeFile(filler(), Buffer.alloc(1_000_000)).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      });
      const handle = await world.start(lifecycleWorkflowTypes[provider], `provider-job/${provider}/full`, { source });
      await eventually('the reason shows', async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.some(({ lastFailure }) => lastFailure?.message?.includes('the disk is full'));
      });
      const before = world.simulator.counters().jobsCreated;
      await rm(filler());
      expect(await handle.result()).toMatchObject({ phase: 'succeeded' });
      expect(world.simulator.counters().jobsCreated).toEqual(before);
      const files = await readdir(world.resultsDirectory, { recursive: true });
      expect(files.filter((file) => file.endsWith('.part'))).toEqual([]);
    },
  );
});
