import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { createInspectSource } from '../../activities/inspect-source.ts';
import type { ProcessingTime } from '../../polling/poll-plan.ts';
import type { SourceDescription } from '../../upload/media-source.ts';
import type { LifecycleRun } from './lifecycle-run.ts';

type InspectActivities = { inspectSource: ReturnType<typeof createInspectSource> };

/** What the first step found out. */
export interface InspectedMedia {
  /** The only file, or the first of several. */
  source: SourceDescription;
  sources: SourceDescription[];
  processingTime: ProcessingTime | null;
}

/** Checks the input and looks at the media before any provider is called; sets the run's deadline. */
export async function inspectMedia(run: LifecycleRun, input: unknown): Promise<InspectedMedia> {
  run.say('Check the input and look at the media');
  const { inspectSource } = run.activities<InspectActivities>('read', 'main', run.stage);
  const { sources, deadlineMs, processingTime } = await inspectSource({ provider: run.provider, input });
  run.deadlineAtMs = workflowInfo().startTime.getTime() + deadlineMs;
  run.media = sources.map(({ fileName: name, sizeBytes, mediaType, durationSeconds }) => {
    return { name, sizeBytes, mediaType, durationSeconds };
  });
  const [source] = sources;
  if (source === undefined) throw ApplicationFailure.nonRetryable('source: expected at least one', 'InvalidInput');
  return { source, sources, processingTime };
}
