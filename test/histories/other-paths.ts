import { beginTiroJob } from '../setup/tiro-job.ts';
import { forEver, type Path } from './recording.ts';

const steps = [{ provider: 'tiro' }, { provider: 'slng' }];

/** What is recorded of tracked jobs and of pipelines. */
export const otherPaths: Record<string, Path> = {
  'track-done': async ({ world }) => {
    const target = { provider: 'tiro', resource: 'voice-file-job', id: await beginTiroJob(world.simulator) };
    return world.start('trackJob', `provider-job/tiro/voice-file-job/${target.id}`, target);
  },
  'track-not-found': ({ world }) =>
    world.start('trackJob', 'provider-job/tiro/voice-file-job/none', {
      ...{ provider: 'tiro', resource: 'voice-file-job', id: 'none' },
    }),
  'pipeline-all': ({ world, source }) => world.start('mediaPipeline', 'media-pipeline/all', { source, steps }),
  'pipeline-first-success': ({ world, source }) => {
    world.simulator.setPlan('tiro', { outcome: 'failed' });
    return world.start('mediaPipeline', 'media-pipeline/first', { source, strategy: 'first-success', steps });
  },
  'pipeline-race': ({ world, source }) => {
    world.simulator.setPlan('tiro', { durationMs: forEver });
    return world.start('mediaPipeline', 'media-pipeline/race', { source, strategy: 'race', steps });
  },
};
