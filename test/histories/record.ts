import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { startWorld, type World } from '../setup/world.ts';

const forEver = 600_000_000;

// Run by `npm run histories`; not part of the suite.
describe('recording histories', () => {
  let world: World;
  let source: string;
  beforeAll(async () => {
    world = await startWorld({ namespace: 'default', simulator: { chunkSizeBytes: 100_000 } });
    source = await world.writeSource('talk.wav', makeWav(60));
  });
  afterAll(() => world.close());

  const start = (type: string, key: string, input: object = {}) =>
    world.start(type, `provider-job/${type}/${key}`, { source, ...input });
  const waits = (handle: WorkflowHandle) =>
    eventually('it waits', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'fetchJobStatus');
    });
  async function cancelWaiting(handle: WorkflowHandle): Promise<WorkflowHandle> {
    await waits(handle);
    await handle.cancel();
    return handle;
  }

  const paths: Record<string, () => Promise<WorkflowHandle>> = {
    'tiro-done': () => start('tiroTranscription', 'done', { translationLocales: ['ko_KR'] }),
    'tiro-failed': () => {
      world.simulator.setPlan('tiro', { durationMs: 100, outcome: 'failed' });
      return start('tiroTranscription', 'failed');
    },
    'tiro-deadline': () => {
      world.simulator.setPlan('tiro', { durationMs: forEver });
      return start('tiroTranscription', 'deadline', { deadline: '3s' });
    },
    'tiro-cancelled': async () => {
      world.simulator.setPlan('tiro', { durationMs: forEver });
      return cancelWaiting(await start('tiroTranscription', 'cancelled'));
    },
    'tiro-tells-a-parent-that-is-gone': () => start('tiroTranscription', 'tells', { notify: ['nobody-here'] }),
    'slng-done': () => start('slngTranscription', 'done'),
    'slng-done-and-deleted': () => start('slngTranscription', 'deleted', { deleteAfterCollect: true }),
    'slng-failed': () => {
      world.simulator.setPlan('slng', { outcome: 'failed' });
      return start('slngTranscription', 'failed');
    },
    'slng-expired': () => {
      world.simulator.setPlan('slng', { script: [{ fields: { expired_at: '2026-01-01T00:00:00Z' } }] });
      return start('slngTranscription', 'expired');
    },
    'soket-done': () => start('soketTranscription', 'done'),
    'soket-mixed': async () => {
      world.simulator.setPlan('soket', { failedFiles: [1] });
      const second = await world.writeSource('second.wav', makeWav(30));
      return start('soketTranscription', 'mixed', { source: [source, second] });
    },
    'soket-lost-submit': () => {
      world.simulator.addFault({ kind: 'cut-after', operation: 'soket.submit' });
      return start('soketTranscription', 'lost-submit');
    },
    'twelvelabs-done': () => start('twelvelabsUpload', 'done'),
    'twelvelabs-repaired': () => {
      world.simulator.addFault({ kind: 'status', operation: 'twelvelabs.part-put', status: 500, times: 2 });
      return start('twelvelabsUpload', 'repaired');
    },
    'twelvelabs-replaced-session': () => {
      world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'failed', afterParts: 3 } });
      return start('twelvelabsUpload', 'replaced');
    },
    'twelvelabs-asset-failed': () => {
      world.simulator.setPlan('twelvelabs', { outcome: 'failed' });
      return start('twelvelabsUpload', 'asset-failed');
    },
    'track-not-found': () =>
      world.start('trackJob', 'provider-job/tiro/voice-file-job/none', {
        ...{ provider: 'tiro', resource: 'voice-file-job', id: 'none' },
      }),
    'pipeline-all': () =>
      world.start('mediaPipeline', 'media-pipeline/all', { source, steps: [{ provider: 'tiro' }, { provider: 'slng' }] }),
    'pipeline-first-success': () => {
      world.simulator.setPlan('tiro', { outcome: 'failed' });
      const steps = [{ provider: 'tiro' }, { provider: 'slng' }];
      return world.start('mediaPipeline', 'media-pipeline/first', { source, strategy: 'first-success', steps });
    },
    'pipeline-race': () => {
      world.simulator.setPlan('tiro', { durationMs: forEver });
      const steps = [{ provider: 'tiro' }, { provider: 'slng' }];
      return world.start('mediaPipeline', 'media-pipeline/race', { source, strategy: 'race', steps });
    },
  };

  it.each(Object.keys(paths))('%s', async (name) => {
    const file = new URL(`${name}.json`, import.meta.url);
    if (existsSync(file)) return;
    const handle = await paths[name]?.();
    if (handle === undefined) throw new Error(`no path ${name}`);
    await handle.result().catch(() => undefined);
    const text = historyToJSON(await handle.fetchHistory());
    // What belongs to this machine says nothing to others.
    const neutral = text.replaceAll(`${process.cwd()}/`, '').replaceAll(new RegExp(`\\d+@${hostname()}`, 'g'), 'recorded');
    expect(neutral).toContain('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED');
    await writeFile(file, `${neutral}\n`);
    world.simulator.clearFaults();
  });
});
