import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

// Only root may mount a file system, which is the one way to a disk that is really full.
describe.skipIf(process.getuid?.() !== 0)('the result store', () => {
  let rehearsal: Rehearsal;
  let disk: string;
  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'provider-jobs-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'results', disk]);
    rehearsal = await startRehearsal('result-store-full', {
      ...{ namespace: 'test-3', environment: { PROVIDER_JOBS_RESULTS: disk } },
      replace: { [disk]: '/srv/results' },
    });
    await rehearsal.startWorker();
  });
  afterAll(async () => {
    await rehearsal.close().finally(() => execFileSync('umount', [disk]));
    await rm(disk, { recursive: true, force: true });
  });

  it('is full', async () => {
    const { run, show, showOnce, world } = rehearsal;
    await run('head -c 1M /dev/zero >"$PROVIDER_JOBS_RESULTS/filler"', { exitCode: 1, prints: /No space left/ });
    await run('provider-jobs run tiro talk-1.wav --key talk-1 --detach', { prints: /Started/ });
    await showOnce('seen', 'provider-jobs status provider-job/tiro/talk-1', { prints: /the disk is full/ });
    await show('seen', 'provider-jobs doctor | grep -A1 Results:', { exitCode: 1, prints: /^fail/ });
    await show('seen', 'df -h "$PROVIDER_JOBS_RESULTS"');
    const made = world.simulator.counters().jobsCreated;
    await run('rm "$PROVIDER_JOBS_RESULTS/filler"');
    await show('over', 'provider-jobs doctor | grep Results:', { prints: /^ok/ });
    await run('until provider-jobs list --running | grep None; do sleep 0.5; done');
    await show('over', 'provider-jobs status provider-job/tiro/talk-1', { prints: /succeeded/ });
    expect(world.simulator.counters().jobsCreated).toEqual(made);
    await rehearsal.expectInRunbook();
  });
});
