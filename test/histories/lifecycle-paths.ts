import type { Operation } from '../../src/simulator/index.ts';
import { eventually } from '../setup/eventually.ts';
import { makeWav } from '../setup/wav.ts';
import { cancelDuring, forEver, type Path, trackUnending } from './recording.ts';

/** Cancels while the first create is in flight, and lets it end well. */
function cancelledWhileCreating(type: string, operation: Operation, activity: string): Path {
  return async ({ world, start }) => {
    const fault = world.simulator.addFault({ kind: 'hold', operation });
    const handle = await start(type, 'cancelled-while-creating');
    await eventually('the create is held', () => world.simulator.calls({ operation }).at(-1)?.state === 'open');
    await cancelDuring(handle, activity);
    world.simulator.release(fault);
    return handle;
  };
}

/** Cancels while the provider is down and a create waits for its next attempt. */
function cancelledBetweenCreates(type: string, operation: Operation, activity: string): Path {
  return async ({ world, start }) => {
    world.simulator.addFault({ kind: 'status', operation, status: 503, times: null });
    return cancelDuring(await start(type, 'cancelled-between-creates'), activity, 2);
  };
}

const cancelledWaiting = async (handle: ReturnType<Path>) => cancelDuring(await handle, 'fetchJobStatus');

/** What is recorded of the four lifecycles. */
export const lifecyclePaths: Record<string, Path> = {
  'tiro-done': ({ start }) => start('tiroTranscription', 'done', { translationLocales: ['ko_KR'] }),
  'tiro-failed': ({ world, start }) => {
    world.simulator.setPlan('tiro', { durationMs: 100, outcome: 'failed' });
    return start('tiroTranscription', 'failed');
  },
  'tiro-deadline': ({ world, start }) => {
    world.simulator.setPlan('tiro', { durationMs: forEver });
    return start('tiroTranscription', 'deadline', { deadline: '3s' });
  },
  'tiro-cancelled': ({ world, start }) => {
    world.simulator.setPlan('tiro', { durationMs: forEver });
    return cancelledWaiting(start('tiroTranscription', 'cancelled'));
  },
  'tiro-tells-a-parent': async ({ world, start }) => {
    const parent = await trackUnending(world, 'parent', { deadlineMs: 30_000 });
    return start('tiroTranscription', 'tells-parent', { notify: [parent.workflowId] });
  },
  'tiro-tells-a-parent-that-is-gone': ({ start }) => start('tiroTranscription', 'tells', { notify: ['nobody-here'] }),

  'slng-done': ({ start }) => start('slngTranscription', 'done'),
  'slng-done-and-deleted': ({ start }) => start('slngTranscription', 'deleted', { deleteAfterCollect: true }),
  'slng-failed': ({ world, start }) => {
    world.simulator.setPlan('slng', { outcome: 'failed' });
    return start('slngTranscription', 'failed');
  },
  'slng-expired': ({ world, start }) => {
    world.simulator.setPlan('slng', { script: [{ fields: { expired_at: '2026-01-01T00:00:00Z' } }] });
    return start('slngTranscription', 'expired');
  },
  'slng-deadline': ({ world, start }) => {
    world.simulator.setPlan('slng', { durationMs: forEver });
    return start('slngTranscription', 'deadline', { deadline: '3s' });
  },
  'slng-cancelled': ({ world, start }) => {
    world.simulator.setPlan('slng', { durationMs: forEver });
    return cancelledWaiting(start('slngTranscription', 'cancelled'));
  },
  'slng-cancelled-while-creating': cancelledWhileCreating('slngTranscription', 'slng.create', 'createSlngJob'),
  'slng-cancelled-between-creates': cancelledBetweenCreates('slngTranscription', 'slng.create', 'createSlngJob'),

  'soket-done': ({ start }) => start('soketTranscription', 'done'),
  'soket-failed': ({ world, start }) => {
    world.simulator.setPlan('soket', { failedFiles: 'all' });
    return start('soketTranscription', 'failed');
  },
  'soket-mixed': async ({ world, source, start }) => {
    world.simulator.setPlan('soket', { failedFiles: [1] });
    const second = await world.writeSource('second.wav', makeWav(30));
    return start('soketTranscription', 'mixed', { source: [source, second] });
  },
  'soket-lost-submit': ({ world, start }) => {
    world.simulator.addFault({ kind: 'cut-after', operation: 'soket.submit' });
    return start('soketTranscription', 'lost-submit');
  },
  'soket-deadline': ({ world, start }) => {
    world.simulator.setPlan('soket', { durationMs: forEver });
    return start('soketTranscription', 'deadline', { deadline: '3s' });
  },
  'soket-cancelled': ({ world, start }) => {
    world.simulator.setPlan('soket', { uploadDurationMs: forEver });
    return cancelledWaiting(start('soketTranscription', 'cancelled'));
  },

  'twelvelabs-done': ({ start }) => start('twelvelabsUpload', 'done'),
  'twelvelabs-repaired': ({ world, start }) => {
    world.simulator.addFault({ kind: 'status', operation: 'twelvelabs.part-put', status: 500, times: 2 });
    return start('twelvelabsUpload', 'repaired');
  },
  'twelvelabs-replaced-session': ({ world, start }) => {
    world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'failed', afterParts: 3 } });
    return start('twelvelabsUpload', 'replaced');
  },
  'twelvelabs-expired-session': ({ world, start }) => {
    world.simulator.setPlan('twelvelabs', { sessionEnd: { status: 'expired', afterParts: 3 } });
    return start('twelvelabsUpload', 'expired-session');
  },
  'twelvelabs-spent-repairs': ({ world, start }) => {
    // Four repairs in the first session leave three for the second.
    const failedChunks = [{ index: 3, times: 4 }];
    const sessionEnd = { status: 'failed', afterParts: 5 } as const;
    world.simulator.setPlan('twelvelabs', { failedChunks, sessionEnd, jobs: 2 });
    return start('twelvelabsUpload', 'spent-repairs');
  },
  'twelvelabs-asset-failed': ({ world, start }) => {
    world.simulator.setPlan('twelvelabs', { outcome: 'failed' });
    return start('twelvelabsUpload', 'asset-failed');
  },
  'twelvelabs-deadline': ({ world, start }) => {
    world.simulator.setPlan('twelvelabs', { durationMs: forEver });
    return start('twelvelabsUpload', 'deadline', { deadline: '3s' });
  },
  'twelvelabs-cancelled': ({ world, start }) => {
    world.simulator.setPlan('twelvelabs', { durationMs: forEver });
    return cancelledWaiting(start('twelvelabsUpload', 'cancelled'));
  },
  'twelvelabs-cancelled-while-creating': cancelledWhileCreating(
    'twelvelabsUpload',
    'twelvelabs.create-session',
    'createTwelveLabsUpload',
  ),
  'twelvelabs-cancelled-between-creates': cancelledBetweenCreates(
    'twelvelabsUpload',
    'twelvelabs.create-session',
    'createTwelveLabsUpload',
  ),
};
