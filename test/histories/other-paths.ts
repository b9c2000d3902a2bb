import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IngestResult } from '../../src/contract/ingest.ts';
import { eventually } from '../setup/eventually.ts';
import { beginTiroJob } from '../setup/tiro-job.ts';
import { makeWav } from '../setup/wav.ts';
import { cancelDuring, forEver, type Path, trackUnending } from './recording.ts';

const steps = [{ provider: 'tiro' }, { provider: 'slng' }];

const misspelt = { colect: true, notify: ['nobody'] };

/** What is recorded of tracked jobs, of pipelines, of an ingest, of cleaning, and of inputs that are refused. */
export const otherPaths: Record<string, Path> = {
  'track-done': async ({ world }) => {
    const target = { provider: 'tiro', resource: 'voice-file-job', id: await beginTiroJob(world.simulator) };
    return world.start('trackJob', `provider-job/tiro/voice-file-job/${target.id}`, target);
  },
  'track-not-found': ({ world }) =>
    world.start('trackJob', 'provider-job/tiro/voice-file-job/none', {
      ...{ provider: 'tiro', resource: 'voice-file-job', id: 'none' },
    }),
  'track-cancelled': async ({ world }) => cancelDuring(await trackUnending(world, 'cancelled'), 'fetchJobStatus'),
  'track-deadline': ({ world }) => trackUnending(world, 'deadline', { deadlineMs: 3000 }),
  'pipeline-all': ({ world, source }) => world.start('mediaPipeline', 'media-pipeline/all', { source, steps }),
  'pipeline-first-success': ({ world, source }) => {
    world.simulator.setPlan('tiro', { outcome: 'failed' });
    return world.start('mediaPipeline', 'media-pipeline/first', { source, strategy: 'first-success', steps });
  },
  'pipeline-without-success': ({ world, source }) => {
    world.simulator.setPlan('tiro', { outcome: 'failed' });
    return world.start('mediaPipeline', 'media-pipeline/without', { source, steps });
  },
  'pipeline-race': ({ world, source }) => {
    world.simulator.setPlan('tiro', { durationMs: forEver });
    return world.start('mediaPipeline', 'media-pipeline/race', { source, strategy: 'race', steps });
  },
  'pipeline-cancelled': async ({ world, source }) => {
    world.simulator.setPlan('tiro', { durationMs: forEver });
    world.simulator.setPlan('slng', { durationMs: forEver });
    const handle = await world.start('mediaPipeline', 'media-pipeline/cancelled', { source, steps });
    await eventually('every step has started', async () => {
      const { events } = await handle.fetchHistory();
      const started = events?.filter((event) => event.childWorkflowExecutionStartedEventAttributes);
      return started?.length === steps.length;
    });
    await handle.cancel();
    return handle;
  },
  ingest: async ({ world }) => {
    const directory = join(world.folder, 'incoming');
    await mkdir(directory);
    await writeFile(join(directory, 'talk.wav'), makeWav(61));
    const handle = await world.start('ingest', 'ingest', { directory, steps: [{ provider: 'tiro' }], settleFor: '1ms' });
    // Its pipeline goes on by itself, and would take what the next path plans for its own jobs.
    const [pipeline] = ((await handle.result()) as IngestResult).started;
    if (pipeline === undefined) throw new Error('no pipeline was started');
    await world.client.workflow.getHandle(pipeline.workflowId).result();
    return handle;
  },
  sweep: ({ world }) => world.start('sweep', 'sweep', { providers: ['soket', 'twelvelabs'], olderThan: '1m' }),
  retention: ({ world }) =>
    world.start('retention', 'retention', { providers: ['soket', 'twelvelabs', 'slng'], olderThan: '1m', delete: true }),
  'refused-job': ({ start }) => start('tiroTranscription', 'refused', { ...misspelt, credential: '' }),
  'refused-track': ({ world }) =>
    world.start('trackJob', 'provider-job/tiro/voice-file-job/refused', {
      ...{ provider: 'tiro', resource: 'voice-file-job', id: 'refused' },
      ...misspelt,
    }),
  'refused-pipeline': ({ world, source }) =>
    world.start('mediaPipeline', 'media-pipeline/refused', { source, steps, ...misspelt }),
};
