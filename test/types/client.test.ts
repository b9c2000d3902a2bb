import { describe, expectTypeOf, test } from 'vitest';
import type {
  JobHandle,
  JobResult,
  LiveSnapshot,
  MediaPipelineInput,
  PipelineHandle,
  PipelineResult,
  ProviderJobs,
  ResourceName,
} from '../../src/index.ts';

/** Never called: the compiler reads it. */
export async function misuse(jobs: ProviderJobs): Promise<void> {
  const source = 'file:///talk.wav';
  // @ts-expect-error no such provider
  await jobs.start('acme', { source });
  // @ts-expect-error an option of another provider
  await jobs.start('tiro', { source, enable_hls: true });
  // @ts-expect-error a wrong type
  await jobs.start('twelvelabs', { source, concurrency: 'many' });
  // @ts-expect-error a value that the provider does not know
  await jobs.start('slng', { source, transcription_config: { operating_point: 'best' } });
  // @ts-expect-error the source is missing
  await jobs.start('soket', { chunks: true });
  // @ts-expect-error several files are for Soket alone
  await jobs.start('tiro', { source: [source] });
  // @ts-expect-error no such option of a start
  await jobs.start('tiro', { source }, { idempotencyKey: 'one' });
  // @ts-expect-error no such resource
  await jobs.track('tiro.batch', 'id');
  // @ts-expect-error no such way to observe
  await jobs.track('soket.batch', 'id', { observe: 'never' });
  // @ts-expect-error an option of another provider in a step
  await jobs.pipeline({ source, steps: [{ provider: 'tiro', options: { chunks: true } }] });
  // @ts-expect-error no such strategy
  await jobs.pipeline({ source, steps: [{ provider: 'tiro' }], strategy: 'best' });
  // @ts-expect-error a step's source is the pipeline's
  await jobs.pipeline({ source, steps: [{ provider: 'tiro', options: { source } }] });
}

/** Never called either. */
export async function properUse(jobs: ProviderJobs): Promise<void> {
  const source = 'file:///talk.wav';
  await jobs.start('tiro', { source, transcriptLocaleHints: ['en_US'], deadline: '10m' }, { key: 'talk' });
  await jobs.start('soket', { source: [source, source], chunks: true });
  await jobs.start('slng', { source, transcription_config: { operating_point: 'enhanced' } });
  await jobs.track('twelvelabs.multipart-upload', 'id', { observe: 'terminal' });
  await jobs.pipeline({ source, steps: [{ provider: 'twelvelabs', options: { type: 'audio' } }], strategy: 'race' });
}

describe('the types of the client', () => {
  test('name every resource of the registry', () => {
    expectTypeOf<
      | 'soket.upload'
      | 'soket.batch'
      | 'twelvelabs.multipart-upload'
      | 'twelvelabs.asset'
      | 'tiro.voice-file-job'
      | 'slng.batch-job'
    >().toExtend<ResourceName>();
  });

  test('give a handle whose result and snapshots are data', () => {
    expectTypeOf<ProviderJobs['track']>().returns.resolves.toEqualTypeOf<JobHandle>();
    expectTypeOf<JobHandle['result']>().returns.resolves.toEqualTypeOf<JobResult>();
    expectTypeOf<JobHandle['snapshot']>().returns.resolves.toEqualTypeOf<LiveSnapshot>();
    expectTypeOf<JobHandle['watch']>().returns.toEqualTypeOf<AsyncIterable<LiveSnapshot>>();
    expectTypeOf<JobResult['failure']>().toEqualTypeOf<{ type: string; message: string } | null>();
  });

  test('give a pipeline handle of the same kind', () => {
    expectTypeOf<ProviderJobs['pipeline']>().parameter(0).toEqualTypeOf<MediaPipelineInput>();
    expectTypeOf<ProviderJobs['pipeline']>().returns.resolves.toEqualTypeOf<PipelineHandle>();
    expectTypeOf<PipelineHandle['result']>().returns.resolves.toEqualTypeOf<PipelineResult>();
    expectTypeOf<PipelineResult['jobs'][number]>().toExtend<JobResult & { step: string }>();
  });
});
